// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { DemoToken } from "../../contracts/mocks/DemoToken.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { IPartnerProgramsLens } from "../../contracts/interfaces/IPartnerProgramsLens.sol";
import { Limits } from "../../contracts/libraries/Limits.sol";
import { Tokens } from "../../contracts/libraries/Tokens.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { LineProofs } from "./LineProofs.sol";
import { vm } from "./Vm.sol";

/// @notice Walks at random through every function of {PartnerPrograms}, as brands, partners, attesters and strangers would,
/// and keeps books of its own. It foretells the outcome of every call: success, or the one error that must come.
/// @dev One seed is all that a step takes; everything about the step is rolled from it.
contract Handler {
    /// @notice A batch as it should stand: its lines after reversals.
    struct Batch {
        bytes32 campaignId;
        bytes32 attestation;
        uint256 releaseAt;
        uint16 attesterSet;
        Line[] lines;
        bool[] released;
    }

    /// @notice A campaign's money as it should have moved, in base units, since its creation.
    struct Book {
        uint256 funded;
        uint256 withdrawn;
        /// Commissions and fees.
        uint256 attested;
        uint256 reversed;
        /// Commissions that became credits or were pulled, and the operator's fees that became credits.
        uint256 released;
        uint256 fees;
        uint256 conversions;
    }

    uint256 private constant MOST_CAMPAIGNS = 16;
    uint256 private constant MOST_LINES = 8;
    bytes4 private constant SUCCESS = 0;

    IPartnerPrograms public immutable programs;
    IPartnerProgramsLens public immutable lens;
    /// @dev A partner and a receiver that refuses the coin: the Lens, like most contracts.
    address private immutable refuser;
    address private constant STRANGER = address(0x5712a46e12);

    address[] private _tokens;
    address[] private _brands;
    /// @dev Ascending, as lines and attester sets must be.
    address[] private _partners;
    address[] private _attesters;
    address[] private _operators;
    address[] private _owners;
    address[] private _receivers;
    mapping(address account => uint256) private _keys;
    mapping(address owner => uint256) private _nonces;

    bytes32[] private _campaigns;
    Batch[] private _batches;
    mapping(bytes32 campaignId => Book) private _books;
    mapping(bytes32 campaignId => IPartnerPrograms.Terms) private _terms;
    mapping(bytes32 campaignId => mapping(uint256 offerId => IPartnerPrograms.Offer)) private _offers;
    mapping(bytes32 campaignId => mapping(bytes32 eventAndKind => uint256 offerId)) private _latestOffer;
    mapping(bytes32 campaignId => mapping(uint256 day => uint256)) private _attestedOn;
    mapping(bytes32 campaignId => bytes) private _latestAttest;
    /// @dev When it was announced last, whatever happened since.
    mapping(bytes32 campaignId => uint256 time) private _withdrawalAnnounced;
    mapping(bytes32 campaignId => uint256 time) private _closingAnnounced;

    /// @notice What an owner should be able to claim.
    mapping(address owner => mapping(address token => uint256)) public credits;
    /// @notice How often a function succeeded, and how often it failed as foretold.
    mapping(string name => uint256) public successes;
    mapping(string name => uint256) public failures;

    constructor(IPartnerPrograms programs_, IPartnerProgramsLens lens_) {
        programs = programs_;
        lens = lens_;
        refuser = address(lens_);
        _tokens = [
            address(new DemoToken("Six", "SIX", 6)),
            address(new DemoToken("Eighteen", "EIGHTEEN", 18)),
            Tokens.NATIVE
        ];
        _brands = _accounts("brand", 3);
        _partners = _accounts("partner", 4);
        _partners.push(refuser);
        _sort(_partners);
        _attesters = _accounts("attester", 5);
        _sort(_attesters);
        _operators = _accounts("operator", 1);
        _owners = _partners;
        _owners.push(_operators[0]);
        // A partner may be an operator too.
        _operators.push(_partners[0] == refuser ? _partners[1] : _partners[0]);
        _receivers = _accounts("receiver", 2);
        _receivers.push(refuser);

        // Every token with and without a hold; one attester and three.
        for (uint256 i; i < 6; ++i) {
            bytes32 id = _create("(setup) createCampaign", i, _tokens[i % 3], i < 3 ? 0 : 2 days, i % 2 == 0 ? 1 : 3);
            _fund("(setup) fund", id, 500 * _one(_tokens[i % 3]));
        }
        // So that there is a past to attest.
        vm.warp(block.timestamp + 1 days);
    }

    // ---------------------------------------------------------------------------------------------- the brand

    function createCampaign(uint256 seed) external {
        if (_campaigns.length == MOST_CAMPAIGNS) return;
        _create(
            "createCampaign",
            seed,
            _tokens[_roll(seed, "token", 3)],
            _roll(seed, "hold", 2) * (1 + _roll(seed, "hold seconds", 3 days)),
            _roll(seed, "three attesters", 2) == 0 ? 1 : 3
        );
    }

    function appendOffer(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        IPartnerPrograms.Offer memory o = _offer(seed, _terms[id].token);
        o.eventName = bytes24(bytes.concat("event ", bytes1(uint8(0x30 + _roll(seed, "event", 3)))));
        if (_roll(seed, "later", 2) == 0) o.validFrom = uint40(block.timestamp + _roll(seed, "from", 1 days));
        if (_roll(seed, "locked", 4) == 0) o.lockedUntil = uint40(block.timestamp + 5 days);
        if (_roll(seed, "for ever", 16) == 0) {
            o.lockedUntil = uint40(block.timestamp + Limits.LONGEST_GUARANTEE + _roll(seed, "too long", 2));
        }
        if (_roll(seed, "ends", 2) == 0) o.validTo = uint40(block.timestamp + 5 days);

        uint256 last = _latestOffer[id][_eventAndKind(o)];
        uint256 validFrom = o.validFrom == 0 ? block.timestamp : o.validFrom;
        bool overlaps = last != 0 && validFrom < programs.offer(id, last).validTo;
        bytes memory data = abi.encodeCall(IPartnerPrograms.appendOffer, (id, o));
        bytes4 expected = _offerError(id, o, validFrom);
        if (expected == SUCCESS && overlaps) expected = IPartnerPrograms.OfferOverlaps.selector;
        if (_tryAsBrand("appendOffer", seed, id, data, expected)) _appended(id, programs.campaign(id).offerCount, o);
    }

    /// @dev What is wrong with an offer by itself and its campaign's end, of what is rolled here.
    function _offerError(bytes32 id, IPartnerPrograms.Offer memory o, uint256 validFrom) private view returns (bytes4) {
        uint256 validTo = o.validTo == 0 ? type(uint40).max : o.validTo;
        if (validTo < _later(validFrom + 1, o.lockedUntil)) return IPartnerPrograms.OfferEndsTooEarly.selector;
        if (o.lockedUntil > block.timestamp + Limits.LONGEST_GUARANTEE) {
            return IPartnerPrograms.GuaranteeTooLong.selector;
        }
        uint256 closesAt = programs.campaign(id).closesAt;
        return closesAt != 0 && o.lockedUntil > closesAt ? IPartnerPrograms.CampaignClosed.selector : SUCCESS;
    }

    function retireOffer(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        uint256 offerId = 1 + _roll(seed, "offer", programs.campaign(id).offerCount);
        IPartnerPrograms.Offer memory o = programs.offer(id, offerId);
        uint256 effectiveAt = _later(block.timestamp + _terms[id].noticeSeconds, o.lockedUntil);
        bytes4 expected = effectiveAt < o.validTo ? SUCCESS : IPartnerPrograms.OfferEndsAlready.selector;
        bytes memory data = abi.encodeCall(IPartnerPrograms.retireOffer, (id, offerId));
        _tryAsBrand("retireOffer", seed, id, data, expected);
    }

    function announceAttesters(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        (address[] memory members, uint8 threshold) = _someAttesters(seed, _roll(seed, "three", 2) == 0 ? 1 : 3);
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceAttesters, (id, threshold, members));
        _tryAsBrand("announceAttesters", seed, id, data, SUCCESS);
    }

    function setKinds(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        address[] memory partners = new address[](1);
        partners[0] = _some(_partners, seed);
        uint16 mask = uint16(_roll(seed, "mask", 4));
        IPartnerPrograms.Kinds memory k = programs.kindsOf(id, partners[0]);
        uint256 taken = (k.listed ? k.mask : _terms[id].openKinds) & ~mask;
        uint256 attestable = _later(k.effectiveAt, programs.campaign(id).suspendedUntil) + _terms[id].noticeSeconds;
        bool pending = k.effectiveAt != 0 && block.timestamp < attestable;
        bytes4 expected = taken != 0 && pending ? IPartnerPrograms.KindsChangePending.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.setKinds, (id, partners, mask));
        _tryAsBrand("setKinds", seed, id, data, expected);
    }

    function setDailyLimit(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        uint256 limit =
            _roll(seed, "unlimited", 3) == 0 ? Limits.NO_LIMIT : _roll(seed, "limit", 200 * _one(_terms[id].token));
        bytes memory data = abi.encodeCall(IPartnerPrograms.setDailyLimit, (id, uint128(limit)));
        _tryAsBrand("setDailyLimit", seed, id, data, SUCCESS);
    }

    function announceDescription(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceDescription, (id, bytes32(seed), "ipfs://terms"));
        _tryAsBrand("announceDescription", seed, id, data, SUCCESS);
    }

    function suspend(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        uint256 last = programs.campaign(id).suspendedUntil;
        bool tooSoon = last != 0 && block.timestamp < last + _terms[id].noticeSeconds;
        bytes4 expected = tooSoon ? IPartnerPrograms.SuspensionTooSoon.selector : SUCCESS;
        _tryAsBrand("suspend", seed, id, abi.encodeCall(IPartnerPrograms.suspend, (id)), expected);
    }

    function resume(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isSuspended);
        bytes4 expected = _isSuspended(id) ? SUCCESS : IPartnerPrograms.NotSuspended.selector;
        _tryAsBrand("resume", seed, id, abi.encodeCall(IPartnerPrograms.resume, (id)), expected);
    }

    /// @dev Seldom, or a long walk would soon have nothing to attest.
    function closeCampaign(uint256 seed) external {
        if (_roll(seed, "close", 8) != 0) return;
        bytes32 id = _someCampaign(seed);
        bool closing = programs.campaign(id).closesAt != 0;
        bytes4 expected = closing ? IPartnerPrograms.ClosingAlready.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.closeCampaign, (id));
        if (_tryAsBrand("closeCampaign", seed, id, data, expected)) _closingAnnounced[id] = block.timestamp;
    }

    function transferCampaign(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        address to = _roll(seed, "take back", 4) == 0 ? address(0) : _brands[_roll(seed, "to", 3)];
        bytes memory data = abi.encodeCall(IPartnerPrograms.transferCampaign, (id, to));
        _tryAsBrand("transferCampaign", seed, id, data, SUCCESS);
    }

    function acceptCampaign(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isOffered);
        address sender = _isOffered(id) ? programs.campaign(id).pendingBrand : STRANGER;
        if (_roll(seed, "stranger", 8) == 0) sender = STRANGER;
        bytes4 expected = sender == STRANGER ? IPartnerPrograms.NotPendingBrand.selector : SUCCESS;
        _try("acceptCampaign", sender, abi.encodeCall(IPartnerPrograms.acceptCampaign, (id)), expected);
    }

    // ------------------------------------------------------------------------------------------------- budget

    function fund(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        _fund("fund", id, 1 + _roll(seed, "amount", 500 * _one(_terms[id].token)));
    }

    function fundWithPermit(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isInErc20);
        DemoToken token = DemoToken(_terms[id].token);
        if (address(token) == Tokens.NATIVE) return;
        address funder = _some(_brands, seed);
        uint256 amount = 1 + _roll(seed, "amount", 500 * _one(address(token)));
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                funder,
                programs,
                amount,
                token.nonces(funder),
                block.timestamp
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), permit));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[funder], digest);
        token.mint(funder, amount);
        bytes memory data = abi.encodeCall(IPartnerPrograms.fundWithPermit, (id, amount, block.timestamp, v, r, s));
        bytes4 expected = _isClosing(id) ? IPartnerPrograms.CampaignClosed.selector : SUCCESS;
        if (_try("fundWithPermit", funder, data, expected)) _books[id].funded += amount;
    }

    function announceWithdrawal(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        uint128 amount = uint128(1 + _roll(seed, "amount", 500 * _one(_terms[id].token)));
        uint256 pending = programs.campaign(id).withdrawableAt;
        bool busy = pending != 0 && block.timestamp < pending + Limits.WITHDRAWAL_WINDOW;
        bytes4 expected = busy ? IPartnerPrograms.WithdrawalPending.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceWithdrawal, (id, amount));
        if (_tryAsBrand("announceWithdrawal", seed, id, data, expected)) _withdrawalAnnounced[id] = block.timestamp;
    }

    function cancelWithdrawal(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        bool none = programs.campaign(id).withdrawableAt == 0;
        bytes4 expected = none ? IPartnerPrograms.NoWithdrawal.selector : SUCCESS;
        _tryAsBrand("cancelWithdrawal", seed, id, abi.encodeCall(IPartnerPrograms.cancelWithdrawal, (id)), expected);
    }

    function withdraw(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isWithdrawable);
        (bytes4 expected, uint256 amount) = _foreseeWithdrawal(programs.campaign(id));
        address token = _terms[id].token;
        address receiver = _receivers[_roll(seed, "receiver", 2)];
        uint256 before = _balance(token, receiver);
        if (!_tryAsBrand("withdraw", seed, id, abi.encodeCall(IPartnerPrograms.withdraw, (id, receiver)), expected))
            return;
        vm.assertEq(_balance(token, receiver) - before, amount, "what was announced, or what there is of it");
        vm.assertTrue(_hadNotice(id), "never without notice");
        _books[id].withdrawn += amount;
    }

    // ------------------------------------------------------------------------------- from conversion to credit

    function attest(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        IPartnerPrograms.Attestation memory a = _someAttestation(seed, id);
        if (a.lines.length == 0) return;
        (uint256 commission, uint256 fee) = _worth(id, a.lines);
        IPartnerProgramsLens.Overview memory o = lens.overview(id);
        bytes4 expected = _foreseeAttestation(a, o, commission + fee);
        bytes32 digest = lens.attestationDigest(a);
        address sender = STRANGER;
        bytes32 signed = digest;
        if (o.attesters.length == 1 && _roll(seed, "own call", 4) == 0) sender = o.attesters[0];
        else if (_roll(seed, "forged", 8) == 0) signed = keccak256(abi.encode("another", digest));
        if (expected == SUCCESS && signed != digest) expected = IPartnerPrograms.InvalidSignature.selector;

        bytes memory data = abi.encodeCall(
            IPartnerPrograms.attest,
            (
                a,
                sender == STRANGER ? _sign(seed, o.attesters, o.threshold, signed) : new IPartnerPrograms.Signature[](0)
            )
        );
        if (!_try("attest", sender, data, expected)) return;
        _latestAttest[id] = data;
        _attested(a, digest, o.attesterSet, commission + fee);
    }

    /// @dev A conversion number is attested once.
    function attestAgain(uint256 seed) external {
        bytes memory data = _latestAttest[_someCampaign(seed)];
        if (data.length != 0) _try("attestAgain", STRANGER, data, IPartnerPrograms.ConversionOutOfOrder.selector);
    }

    function reverse(uint256 seed) external {
        if (_batches.length == 0) return;
        Batch storage b = _batchWhere(seed, _isInHold);
        (
            Line[] memory lines,
            IPartnerPrograms.Reversal memory reversal,
            IPartnerPrograms.LineProof[] memory current
        ) = _someReversal(seed, b);
        (address[] memory members, uint8 threshold, ) = programs.attesterSet(b.campaignId, b.attesterSet);
        bytes memory data = abi.encodeCall(
            IPartnerPrograms.reverse,
            (reversal, current, _sign(seed, members, threshold, lens.reversalDigest(reversal)))
        );
        bytes4 expected = _isInHold(b) ? SUCCESS : IPartnerPrograms.HoldOver.selector;
        if (!_try("reverse", STRANGER, data, expected)) return;
        _books[b.campaignId].reversed += _worthInAll(b.campaignId, b.lines) - _worthInAll(b.campaignId, lines);
        b.lines = lines;
    }

    function release(uint256 seed) external {
        if (_batches.length == 0) return;
        Batch storage b = _roll(seed, "early", 8) == 0 ? _batchWhere(seed, _isInHold) : _batchWhere(seed, _isRipe);
        uint16[] memory indices = new uint16[](_roll(seed, "indices", 4));
        for (uint256 i; i < indices.length; ++i) {
            // Twice the same one, too.
            indices[i] = uint16(_roll(_nth(seed, i), "index", b.lines.length));
        }
        _release("release", b, indices);
    }

    function pull(uint256 seed) external {
        if (_batches.length == 0) return;
        Batch storage b = _roll(seed, "early", 8) == 0 ? _batchWhere(seed, _isInHold) : _batchWhere(seed, _isRipe);
        uint256 index = _roll(seed, "line", b.lines.length);
        _pull("pull", b, index, _roll(seed, "pushed", 2) == 0 ? STRANGER : b.lines[index].partner());
    }

    // ------------------------------------------------------------------------------------------------- claims

    function claim(uint256 seed) external {
        _claim("claim", _ownerWithCredit(seed), _someTokens(seed), _some(_receivers, seed));
    }

    function claimFor(uint256 seed) external {
        address owner = _ownerWithCredit(seed);
        if (_keys[owner] == 0) return;
        IPartnerPrograms.ClaimOrder memory order = IPartnerPrograms.ClaimOrder({
            owner: owner,
            receiver: _some(_receivers, seed),
            tokens: _someTokens(seed),
            nonce: _nonces[owner],
            deadline: block.timestamp
        });
        bytes4 expected = _foreseePayment(owner, order.tokens, order.receiver);
        address signer = owner;
        if (_roll(seed, "used", 8) == 0 && order.nonce != 0) {
            --order.nonce;
            expected = IPartnerPrograms.WrongNonce.selector;
        } else if (_roll(seed, "forged", 8) == 0) {
            signer = _brands[0];
            expected = IPartnerPrograms.InvalidSignature.selector;
        }
        bytes memory signature = _signature(signer, lens.claimDigest(order));
        bytes memory data = abi.encodeCall(IPartnerPrograms.claimFor, (order, signature));
        _payment("claimFor", STRANGER, data, expected, owner, order.tokens, order.receiver);
        if (expected == SUCCESS) ++_nonces[owner];
    }

    function payOut(uint256 seed) external {
        address owner = _ownerWithCredit(seed);
        address[] memory list = _someTokens(seed);
        address sender = _roll(seed, "own call", 4) == 0 ? owner : STRANGER;
        bytes4 expected =
            sender != owner && programs.payOutOptedOut(owner)
                ? IPartnerPrograms.OptedOut.selector
                : _foreseePayment(owner, list, owner);
        bytes memory data = abi.encodeCall(IPartnerPrograms.payOut, (owner, list));
        _payment("payOut", sender, data, expected, owner, list, owner);
    }

    function setPayOutOptOut(uint256 seed) external {
        bool out = _roll(seed, "out", 3) == 0;
        _try("setPayOutOptOut", _some(_owners, seed), abi.encodeCall(IPartnerPrograms.setPayOutOptOut, (out)), SUCCESS);
    }

    function jump(uint256 seed) external {
        vm.warp(block.timestamp + 1 + _roll(seed, "jump", 1 days));
        ++successes["jump"];
    }

    // ------------------------------------------------------------------------------------------ end of a walk

    /// @notice Once all holds are over, releases every line that is left, one by one, and claims every credit.
    function finish() external {
        for (uint256 i; i < _batches.length; ++i) {
            vm.warp(_later(block.timestamp, _batches[i].releaseAt));
        }
        for (uint256 i; i < _batches.length; ++i) {
            Batch storage b = _batches[i];
            uint16[] memory index = new uint16[](1);
            for (uint256 line; line < b.lines.length; ++line) {
                index[0] = uint16(line);
                address partner = b.lines[line].partner();
                if (b.released[line]) continue;
                if (line % 2 == 0 || partner == refuser) _release("(end) release", b, index);
                else _pull("(end) pull", b, line, partner);
                vm.assertTrue(b.released[line], "a line that no one released can be released");
            }
        }
        for (uint256 i; i < _owners.length; ++i) {
            _claim("(end) claim", _owners[i], _tokens, _receivers[0]);
        }
    }

    // ------------------------------------------------------------------------------------------------- views

    function tokens() external view returns (address[] memory) {
        return _tokens;
    }

    function owners() external view returns (address[] memory) {
        return _owners;
    }

    function campaigns() external view returns (bytes32[] memory) {
        return _campaigns;
    }

    function batches() external view returns (Batch[] memory) {
        return _batches;
    }

    function bookOf(bytes32 campaignId) external view returns (Book memory) {
        return _books[campaignId];
    }

    function balanceOf(address token, address account) external view returns (uint256) {
        return _balance(token, account);
    }

    // -------------------------------------------------------------------------------------------- private: try

    /// @dev Calls the contract; it must succeed if nothing is expected, or else fail with just the expected error.
    function _try(
        string memory name,
        address sender,
        uint256 value,
        bytes memory data,
        bytes4 expected
    ) private returns (bool) {
        vm.deal(sender, sender.balance + value);
        vm.prank(sender);
        (bool success, bytes memory result) = address(programs).call{ value: value }(data);
        bytes4 failure = success ? SUCCESS : bytes4(result);
        vm.assertEq(bytes32(failure), bytes32(expected), string.concat(name, " did otherwise than foretold"));
        if (success) ++successes[name];
        else ++failures[name];
        return success;
    }

    function _try(string memory name, address sender, bytes memory data, bytes4 expected) private returns (bool) {
        return _try(name, sender, 0, data, expected);
    }

    /// @dev Now and then a stranger tries what only the brand may do.
    function _tryAsBrand(
        string memory name,
        uint256 seed,
        bytes32 id,
        bytes memory data,
        bytes4 expected
    ) private returns (bool) {
        if (_roll(seed, "stranger", 8) == 0) return _try(name, STRANGER, data, IPartnerPrograms.NotBrand.selector);
        return _try(name, programs.campaign(id).brand, data, expected);
    }

    function _create(
        string memory name,
        uint256 seed,
        address token,
        uint256 holdSeconds,
        uint256 attesters
    ) private returns (bytes32 id) {
        IPartnerPrograms.NewCampaign memory given;
        given.salt = bytes32(_campaigns.length);
        given.terms.token = token;
        given.terms.holdSeconds = uint32(holdSeconds);
        given.terms.noticeSeconds = uint32(_later(holdSeconds, 1 days) + _roll(seed, "notice", 2 days));
        given.terms.openKinds = _roll(seed, "allow-list", 4) == 0 ? 0 : 3;
        // Below 4 there is something to round.
        given.terms.unitExponent = uint8(
            token == _tokens[0] ? _roll(seed, "unit", 5) : 2 + _roll(seed, "unit", 2) * 14
        );
        if (_roll(seed, "fee", 2) == 0) (given.terms.feeBps, given.terms.operator) = (777, _some(_operators, seed));
        given.offers = new IPartnerPrograms.Offer[](2);
        (given.offers[0], given.offers[1]) = (_offer(seed, token), _offer(_nth(seed, 1), token));
        (given.offers[0].eventName, given.offers[1].eventName) = ("sale", "signup");
        (given.attesters, given.threshold) = _someAttesters(seed, attesters);
        given.dailyLimit = Limits.NO_LIMIT;
        if (_roll(seed, "limited", 3) == 0) given.dailyLimit = uint128(100 * _one(token));

        address brand = _some(_brands, seed);
        id = lens.campaignIdOf(brand, given.salt, given.terms);
        _try(name, brand, abi.encodeCall(IPartnerPrograms.createCampaign, (given)), SUCCESS);
        _campaigns.push(id);
        _terms[id] = given.terms;
        _appended(id, 1, given.offers[0]);
        _appended(id, 2, given.offers[1]);
        if (given.terms.openKinds == 0) {
            vm.prank(brand);
            programs.setKinds(id, _partners, 3);
        }
    }

    function _fund(string memory name, bytes32 id, uint256 amount) private {
        address token = _terms[id].token;
        address funder = STRANGER;
        bool coin = token == Tokens.NATIVE;
        if (!coin) {
            DemoToken(token).mint(funder, amount);
            vm.prank(funder);
            DemoToken(token).approve(address(programs), amount);
        }
        bytes4 expected = _isClosing(id) ? IPartnerPrograms.CampaignClosed.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.fund, (id, amount));
        if (_try(name, funder, coin ? amount : 0, data, expected)) _books[id].funded += amount;
    }

    function _release(string memory name, Batch storage b, uint16[] memory indices) private {
        bytes memory data = abi.encodeCall(IPartnerPrograms.release, (b.campaignId, b.attestation, b.lines, indices));
        bytes4 expected = _isInHold(b) ? IPartnerPrograms.HoldNotOver.selector : SUCCESS;
        if (!_try(name, STRANGER, data, expected)) return;
        uint256 count = indices.length == 0 ? b.lines.length : indices.length;
        for (uint256 i; i < count; ++i) {
            uint256 index = indices.length == 0 ? i : indices[i];
            if (b.released[index]) continue;
            b.released[index] = true;
            _credit(b.campaignId, b.lines[index]);
        }
    }

    function _pull(string memory name, Batch storage b, uint256 index, address sender) private {
        Line line = b.lines[index];
        address token = _terms[b.campaignId].token;
        (uint256 commission, uint256 fee) = _worth(b.campaignId, line);
        bytes4 expected = _foreseePull(b, index, sender);
        uint256 before = _balance(token, line.partner());
        IPartnerPrograms.LineProof memory proven = IPartnerPrograms.LineProof(
            uint16(index),
            line,
            LineProofs.proof(LineProofs.tree(b.lines), index)
        );
        bytes memory data = abi.encodeCall(IPartnerPrograms.pull, (b.campaignId, b.attestation, proven));
        if (!_try(name, sender, data, expected)) return;
        vm.assertEq(_balance(token, line.partner()) - before, commission, "the commission, to its partner");
        b.released[index] = true;
        _books[b.campaignId].released += commission;
        _creditFee(b.campaignId, fee);
    }

    function _claim(string memory name, address owner, address[] memory list, address receiver) private {
        bytes memory data = abi.encodeCall(IPartnerPrograms.claim, (list, receiver));
        _payment(name, owner, data, _foreseePayment(owner, list, receiver), owner, list, receiver);
    }

    /// @dev A credit falls here alone: by paying its owner, or whom its owner names.
    function _payment(
        string memory name,
        address sender,
        bytes memory data,
        bytes4 expected,
        address owner,
        address[] memory list,
        address receiver
    ) private {
        uint256[] memory before = new uint256[](list.length);
        for (uint256 i; i < list.length; ++i) {
            before[i] = _balance(list[i], receiver);
        }
        if (!_try(name, sender, data, expected)) return;
        for (uint256 i; i < list.length; ++i) {
            // A token named twice is paid once.
            before[i] += credits[owner][list[i]];
            for (uint256 k; k < i; ++k) {
                if (list[k] == list[i]) before[i] = before[k];
            }
            credits[owner][list[i]] = 0;
            vm.assertEq(_balance(list[i], receiver), before[i], "the credit, to whom its owner named");
        }
    }

    // ---------------------------------------------------------------------------------------- private: foresee

    function _foreseeAttestation(
        IPartnerPrograms.Attestation memory a,
        IPartnerProgramsLens.Overview memory o,
        uint256 required
    ) private view returns (bytes4) {
        IPartnerPrograms.CampaignState memory s = programs.campaign(a.campaignId);
        if (block.timestamp > a.deadline) return IPartnerPrograms.DeadlinePassed.selector;
        // A suspension, until a notice after it, lets periods be a notice older.
        uint256 age = o.terms.noticeSeconds;
        if (block.timestamp < s.suspendedUntil + age) age *= 2;
        if (a.periodTo + age < block.timestamp) return IPartnerPrograms.PeriodTooOld.selector;
        if (block.timestamp < s.suspendedUntil) return IPartnerPrograms.CampaignSuspended.selector;
        if (s.closesAt != 0 && block.timestamp >= s.finalAt) return IPartnerPrograms.CampaignClosed.selector;
        if (required > s.available) return IPartnerPrograms.InsufficientBudget.selector;
        if (_attestedOn[a.campaignId][block.timestamp / 1 days] + required > o.dailyLimit)
            return IPartnerPrograms.DailyLimitExceeded.selector;
        return SUCCESS;
    }

    function _foreseeWithdrawal(
        IPartnerPrograms.CampaignState memory s
    ) private view returns (bytes4 expected, uint256 amount) {
        amount = s.available;
        if (s.finalAt == 0 || block.timestamp < s.finalAt) {
            if (s.withdrawableAt == 0) return (IPartnerPrograms.NoWithdrawal.selector, 0);
            if (block.timestamp < s.withdrawableAt) return (IPartnerPrograms.WithdrawalNotMature.selector, 0);
            if (block.timestamp >= s.withdrawableAt + Limits.WITHDRAWAL_WINDOW)
                return (IPartnerPrograms.WithdrawalLapsed.selector, 0);
            if (s.withdrawalAmount < amount) amount = s.withdrawalAmount;
        }
        expected = amount == 0 ? IPartnerPrograms.ZeroAmount.selector : SUCCESS;
    }

    function _foreseePull(Batch storage b, uint256 index, address sender) private view returns (bytes4) {
        address partner = b.lines[index].partner();
        if (_isInHold(b)) return IPartnerPrograms.HoldNotOver.selector;
        if (b.released[index]) return IPartnerPrograms.LineReleasedAlready.selector;
        if (sender != partner && programs.payOutOptedOut(partner)) return IPartnerPrograms.OptedOut.selector;
        (uint256 commission, ) = _worth(b.campaignId, b.lines[index]);
        bool refused = partner == refuser && _terms[b.campaignId].token == Tokens.NATIVE && commission != 0;
        return refused ? IPartnerPrograms.NativeTransferFailed.selector : SUCCESS;
    }

    function _foreseePayment(
        address owner,
        address[] memory list,
        address receiver
    ) private view returns (bytes4 expected) {
        expected = IPartnerPrograms.NothingToPay.selector;
        for (uint256 i; i < list.length; ++i) {
            if (credits[owner][list[i]] == 0) continue;
            if (list[i] == Tokens.NATIVE && receiver == refuser) return IPartnerPrograms.NativeTransferFailed.selector;
            expected = SUCCESS;
        }
    }

    // ------------------------------------------------------------------------------------------- private: book

    function _appended(bytes32 id, uint256 offerId, IPartnerPrograms.Offer memory o) private {
        _offers[id][offerId] = o;
        _latestOffer[id][_eventAndKind(o)] = offerId;
    }

    function _attested(
        IPartnerPrograms.Attestation memory a,
        bytes32 attestation,
        uint16 attesterSet,
        uint256 required
    ) private {
        bytes32 id = a.campaignId;
        _books[id].attested += required;
        _books[id].conversions += a.conversions;
        _attestedOn[id][block.timestamp / 1 days] += required;
        if (_terms[id].holdSeconds == 0) {
            for (uint256 i; i < a.lines.length; ++i) {
                _credit(id, a.lines[i]);
            }
            return;
        }
        Batch storage b = _batches.push();
        b.campaignId = id;
        b.attestation = attestation;
        b.releaseAt = block.timestamp + _terms[id].holdSeconds;
        b.attesterSet = attesterSet;
        b.lines = a.lines;
        b.released = new bool[](a.lines.length);
    }

    function _credit(bytes32 id, Line line) private {
        (uint256 commission, uint256 fee) = _worth(id, line);
        credits[line.partner()][_terms[id].token] += commission;
        _books[id].released += commission;
        _creditFee(id, fee);
    }

    function _creditFee(bytes32 id, uint256 fee) private {
        credits[_terms[id].operator][_terms[id].token] += fee;
        _books[id].fees += fee;
    }

    /// @dev By the published terms, in checked arithmetic of its own.
    function _worth(bytes32 id, Line line) private view returns (uint256 commission, uint256 fee) {
        IPartnerPrograms.Offer storage o = _offers[id][line.offerId()];
        uint256 volume = uint256(line.volumeUnits()) * 10 ** _terms[id].unitExponent;
        commission = (uint256(line.count()) * o.flatAmount * 10_000 + volume * o.rateBps) / 10_000;
        fee = (commission * _terms[id].feeBps) / 10_000;
    }

    function _worth(bytes32 id, Line[] memory lines) private view returns (uint256 commission, uint256 fee) {
        for (uint256 i; i < lines.length; ++i) {
            (uint256 c, uint256 f) = _worth(id, lines[i]);
            (commission, fee) = (commission + c, fee + f);
        }
    }

    function _worthInAll(bytes32 id, Line[] memory lines) private view returns (uint256) {
        (uint256 commission, uint256 fee) = _worth(id, lines);
        return commission + fee;
    }

    // ------------------------------------------------------------------------------------------- private: roll

    function _roll(uint256 seed, string memory about, uint256 sides) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, about))) % sides;
    }

    /// @dev Another seed.
    function _nth(uint256 seed, uint256 n) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, n)));
    }

    function _some(address[] storage list, uint256 seed) private view returns (address) {
        return list[_roll(seed, "one of", list.length)];
    }

    function _someCampaign(uint256 seed) private view returns (bytes32) {
        return _campaigns[_roll(seed, "campaign", _campaigns.length)];
    }

    /// @dev One that is so, or any if none is.
    function _campaignWhere(
        uint256 seed,
        function(bytes32) view returns (bool) isSo
    ) private view returns (bytes32 id) {
        uint256 first = _roll(seed, "campaign", _campaigns.length);
        for (uint256 i; i < _campaigns.length; ++i) {
            id = _campaigns[(first + i) % _campaigns.length];
            if (isSo(id)) return id;
        }
        return _campaigns[first];
    }

    function _batchWhere(
        uint256 seed,
        function(Batch storage) view returns (bool) isSo
    ) private view returns (Batch storage b) {
        uint256 first = _roll(seed, "batch", _batches.length);
        for (uint256 i; i < _batches.length; ++i) {
            b = _batches[(first + i) % _batches.length];
            if (isSo(b)) return b;
        }
        return _batches[first];
    }

    function _ownerWithCredit(uint256 seed) private view returns (address owner) {
        uint256 first = _roll(seed, "owner", _owners.length);
        for (uint256 i; i < _owners.length; ++i) {
            owner = _owners[(first + i) % _owners.length];
            for (uint256 k; k < _tokens.length; ++k) {
                if (credits[owner][_tokens[k]] != 0) return owner;
            }
        }
    }

    function _someTokens(uint256 seed) private view returns (address[] memory list) {
        list = new address[](1 + _roll(seed, "tokens", 4));
        for (uint256 i; i < list.length; ++i) {
            list[i] = _some(_tokens, _nth(seed, i));
        }
    }

    function _offer(uint256 seed, address token) private view returns (IPartnerPrograms.Offer memory o) {
        o.kind = uint8(_roll(seed, "kind", 2));
        o.flatAmount = uint96(_roll(seed, "flat", 2 * _one(token)) + 1);
        o.rateBps = uint16(_roll(seed, "rate", 1_500));
        o.capUnits = uint56(1 + _roll(seed, "cap", 10_000));
    }

    function _someAttesters(
        uint256 seed,
        uint256 count
    ) private view returns (address[] memory members, uint8 threshold) {
        uint256 first = _roll(seed, "attesters", _attesters.length - count + 1);
        members = new address[](count);
        for (uint256 i; i < count; ++i) {
            members[i] = _attesters[first + i];
        }
        threshold = count == 1 ? 1 : 2;
    }

    function _someAttestation(uint256 seed, bytes32 id) private view returns (IPartnerPrograms.Attestation memory a) {
        IPartnerPrograms.CampaignState memory s = programs.campaign(id);
        a.campaignId = id;
        a.firstConversion = s.nextConversion;
        a.deadline = uint40(block.timestamp - (_roll(seed, "late", 16) == 0 ? 1 : 0));
        a.periodTo = uint40(block.timestamp - _roll(seed, "to", 6 hours));
        if (s.closesAt != 0 && a.periodTo > s.closesAt) a.periodTo = s.closesAt;
        a.periodFrom = a.periodTo - 1 - uint40(_roll(seed, "from", 6 hours));
        a.conversionsRoot = bytes32(seed);
        Line[] memory lines = new Line[](MOST_LINES);
        uint256 count;
        uint256 most;
        uint256 all;
        for (uint256 offerId = 1; offerId <= s.offerCount; ++offerId) {
            uint256 before = count;
            count = _addLines(seed, a, offerId, lines, count);
            uint256 ofOffer;
            for (uint256 i = before; i < count; ++i) {
                ofOffer += lines[i].count();
            }
            most = _later(most, ofOffer);
            all += ofOffer;
        }
        a.lines = new Line[](count);
        for (uint256 i; i < count; ++i) {
            a.lines[i] = lines[i];
        }
        a.conversions = uint32(most + _roll(seed, "conversions", all - most + 1));
    }

    /// @dev Lines of partners that the offer's kind admits, if the offer is valid in the period.
    function _addLines(
        uint256 seed,
        IPartnerPrograms.Attestation memory a,
        uint256 offerId,
        Line[] memory lines,
        uint256 count
    ) private view returns (uint256) {
        IPartnerPrograms.Offer memory o = programs.offer(a.campaignId, offerId);
        if (a.periodFrom < o.validFrom || a.periodTo > o.validTo) return count;
        for (uint256 i; i < _partners.length && count < lines.length; ++i) {
            uint256 roll = _nth(_nth(seed, offerId), i);
            if (roll % 2 == 0 || !_isPayable(a, _partners[i], o.kind)) continue;
            uint256 conversions = 1 + _roll(roll, "count", 20);
            uint256 volume = _roll(roll, "volume", conversions * o.capUnits + 1);
            lines[count++] = LineLib.pack(uint16(offerId), _partners[i], uint24(conversions), uint56(volume));
        }
        return count;
    }

    /// @dev Targets for one to three lines: lower, the same, or (to no avail) higher.
    /// @return lines All lines of the batch as they will stand.
    function _someReversal(
        uint256 seed,
        Batch storage b
    )
        private
        view
        returns (
            Line[] memory lines,
            IPartnerPrograms.Reversal memory reversal,
            IPartnerPrograms.LineProof[] memory current
        )
    {
        lines = b.lines;
        uint256 count = 1 + _roll(seed, "lines", lines.length < 3 ? lines.length : 3);
        uint256 first = _roll(seed, "first", lines.length);
        reversal = IPartnerPrograms.Reversal(b.campaignId, b.attestation, new Line[](count), bytes32(seed));
        current = new IPartnerPrograms.LineProof[](count);
        for (uint256 i; i < count; ++i) {
            uint256 index = (first + i) % lines.length;
            Line line = lines[index];
            uint24 conversions = uint24(_roll(_nth(seed, i), "count", uint256(line.count()) + 2));
            uint56 volume = uint56(_roll(_nth(seed, i), "volume", uint256(line.volumeUnits()) + 2));
            reversal.targets[i] = LineLib.pack(line.offerId(), line.partner(), conversions, volume);
            current[i] = IPartnerPrograms.LineProof(
                uint16(index),
                line,
                LineProofs.proof(LineProofs.tree(lines), index)
            );
            if (conversions > line.count()) conversions = line.count();
            if (volume > line.volumeUnits()) volume = line.volumeUnits();
            lines[index] = LineLib.pack(line.offerId(), line.partner(), conversions, volume);
        }
    }

    // ------------------------------------------------------------------------------------------- private: know

    function _isSuspended(bytes32 id) private view returns (bool) {
        return block.timestamp < programs.campaign(id).suspendedUntil;
    }

    function _isOffered(bytes32 id) private view returns (bool) {
        return programs.campaign(id).pendingBrand != address(0);
    }

    function _isInErc20(bytes32 id) private view returns (bool) {
        return _terms[id].token != Tokens.NATIVE;
    }

    function _isClosing(bytes32 id) private view returns (bool) {
        uint256 closesAt = programs.campaign(id).closesAt;
        return closesAt != 0 && block.timestamp >= closesAt;
    }

    function _isWithdrawable(bytes32 id) private view returns (bool) {
        (bytes4 expected, ) = _foreseeWithdrawal(programs.campaign(id));
        return expected == SUCCESS;
    }

    function _hadNotice(bytes32 id) private view returns (bool) {
        (uint256 announced, uint256 closing) = (_withdrawalAnnounced[id], _closingAnnounced[id]);
        uint256 notice = _terms[id].noticeSeconds;
        return
            (announced != 0 && block.timestamp >= announced + notice) ||
            (closing != 0 && block.timestamp >= closing + 2 * notice);
    }

    function _isInHold(Batch storage b) private view returns (bool) {
        return block.timestamp < b.releaseAt;
    }

    function _isRipe(Batch storage b) private view returns (bool) {
        if (_isInHold(b)) return false;
        for (uint256 i; i < b.released.length; ++i) {
            if (!b.released[i]) return true;
        }
        return false;
    }

    function _isPayable(
        IPartnerPrograms.Attestation memory a,
        address partner,
        uint8 kind
    ) private view returns (bool) {
        IPartnerPrograms.Kinds memory k = programs.kindsOf(a.campaignId, partner);
        uint256 mask = k.listed ? k.mask : _terms[a.campaignId].openKinds;
        if (k.listed && a.periodTo <= k.effectiveAt) mask |= k.previousMask;
        return mask & (1 << kind) != 0;
    }

    function _balance(address token, address account) private view returns (uint256) {
        return token == Tokens.NATIVE ? account.balance : DemoToken(token).balanceOf(account);
    }

    /// @dev One whole token.
    function _one(address token) private view returns (uint256) {
        return token == _tokens[0] ? 1e6 : 1e18;
    }

    function _eventAndKind(IPartnerPrograms.Offer memory o) private pure returns (bytes32) {
        return bytes32(o.eventName) | bytes32(uint256(o.kind));
    }

    function _later(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }

    // ----------------------------------------------------------------------------------- private: keys and signatures

    function _accounts(string memory role, uint256 count) private returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode(role, i)));
            list[i] = vm.addr(key);
            _keys[list[i]] = key;
        }
    }

    function _sort(address[] storage list) private {
        for (uint256 i = 1; i < list.length; ++i) {
            for (uint256 k = i; k != 0 && list[k] < list[k - 1]; --k) {
                (list[k], list[k - 1]) = (list[k - 1], list[k]);
            }
        }
    }

    /// @dev By as many as must, and now and then by all; any of them.
    function _sign(
        uint256 seed,
        address[] memory members,
        uint8 threshold,
        bytes32 digest
    ) private view returns (IPartnerPrograms.Signature[] memory signatures) {
        uint256 count = _roll(seed, "all", 4) == 0 ? members.length : threshold;
        uint256 left = members.length - count;
        signatures = new IPartnerPrograms.Signature[](count);
        uint256 member;
        for (uint256 i; i < count; ++i) {
            uint256 passed = _roll(_nth(seed, i), "passed over", left + 1);
            left -= passed;
            member += passed;
            signatures[i] = IPartnerPrograms.Signature(uint8(member), _signature(members[member], digest));
            ++member;
        }
    }

    function _signature(address signer, bytes32 digest) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[signer], digest);
        return abi.encodePacked(r, s, v);
    }
}
