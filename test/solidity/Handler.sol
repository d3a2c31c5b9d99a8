// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { DemoToken } from "../../contracts/mocks/DemoToken.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { IPartnerProgramsLens } from "../../contracts/interfaces/IPartnerProgramsLens.sol";
import { Limits } from "../../contracts/libraries/Limits.sol";
import { Tokens } from "../../contracts/libraries/Tokens.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { Books } from "./Books.sol";
import { LineProofs } from "./LineProofs.sol";
import { vm } from "./Vm.sol";

/// @notice Walks at random through every function of {PartnerPrograms}, as brands, attesters, partners and strangers would, and
/// foretells the outcome of every call from its own books: success, or the one error that must come.
/// @dev One seed is all that a step takes; everything about the step is rolled from it.
contract Handler is Books {
    using LineProofs for LineProofs.Level[];

    uint256 private constant MOST_CAMPAIGNS = 12;
    uint256 private constant MOST_LINES = 8;
    uint256 private constant MOST_PULLED = 4;
    bytes4 private constant SUCCESS = 0;
    address private constant STRANGER = address(0x5712a46e12);

    IPartnerPrograms public immutable programs;
    IPartnerProgramsLens public immutable lens;
    /// @dev A partner and a receiver that refuses the coin: the Lens, like most contracts.
    address private immutable refuser;

    address[] private _tokens;
    address[] private _brands;
    address[] private _partners;
    /// @dev Ascending, as attester sets must be.
    address[] private _attesters;
    address[] private _operators;
    address[] private _owners;
    address[] private _receivers;
    mapping(address owner => uint256) private _nonces;

    bytes32[] private _campaigns;
    mapping(bytes32 campaignId => bytes) private _latestAttest;
    /// @dev The batch and the campaign that the last step was about.
    uint256 private _touched;
    bytes32 private _touchedCampaign;

    /// @notice How often a function succeeded, and how often it failed as foretold.
    mapping(string name => uint256) public successes;
    mapping(string name => uint256) public failures;
    /// @notice How many lines with each fault were settled, and how many of large batches.
    mapping(IPartnerPrograms.Fault => uint256) public faultsMet;
    uint256 public linesOfLargeBatches;

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
        _attesters = _accounts("attester", 5);
        _sort(_attesters);
        _operators = _accounts("operator", 1);
        _owners = _partners;
        _owners.push(_operators[0]);
        // A partner may be an operator too.
        _operators.push(_partners[0]);
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
            _seldom(seed, "one attester", 2) ? 1 : 3
        );
    }

    function appendOffer(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        IPartnerPrograms.Offer memory o = _offer(seed, _books[id].terms.token);
        o.eventName = bytes24(bytes.concat("event.", bytes1(uint8(0x30 + _roll(seed, "event", 3)))));
        if (_seldom(seed, "later", 2)) o.validFrom = uint40(block.timestamp + _roll(seed, "from", 1 days));
        if (_seldom(seed, "locked", 4)) o.lockedUntil = uint40(block.timestamp + 5 days);
        if (_seldom(seed, "for ever", 32)) {
            o.lockedUntil = uint40(block.timestamp + Limits.LONGEST_GUARANTEE + 1);
        }
        if (_seldom(seed, "ends", 2)) o.validTo = uint40(block.timestamp + 5 days);
        if (_seldom(seed, "spelled", 16)) o.eventName = "sale\x00\x01";
        if (_seldom(seed, "whose", 16)) o.kind = o.partner == address(0) ? 255 : 0;

        bytes memory data = abi.encodeCall(IPartnerPrograms.appendOffer, (id, o));
        if (_tryAsBrand("appendOffer", seed, id, data, _foreseeOffer(id, o))) _appended(id, o);
    }

    function retireOffer(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        uint256 offerId = 1 + _roll(seed, "offer", _books[id].offers);
        IPartnerPrograms.Offer storage o = _offers[id][offerId];
        uint256 effectiveAt = _later(block.timestamp + _books[id].terms.noticeSeconds, o.lockedUntil);
        effectiveAt = _later(effectiveAt, o.validFrom);
        bytes4 expected = effectiveAt < o.validTo ? SUCCESS : IPartnerPrograms.OfferEndsAlready.selector;
        bytes memory data = abi.encodeCall(IPartnerPrograms.retireOffer, (id, offerId));
        if (_tryAsBrand("retireOffer", seed, id, data, expected)) o.validTo = uint40(effectiveAt);
    }

    function announceAttesters(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        Attesters memory set = _someAttesters(seed, _seldom(seed, "one", 2) ? 1 : 3);
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceAttesters, (id, set.threshold, set.members));
        if (!_tryAsBrand("announceAttesters", seed, id, data, SUCCESS)) return;
        Book storage b = _books[id];
        b.set = _setOf(b);
        b.nextSetAt = block.timestamp + b.terms.noticeSeconds;
        _sets[id][b.set + 1] = set;
    }

    function setKinds(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        address[] memory partners = new address[](1);
        partners[0] = _some(_partners, seed);
        uint64 mask = _someKinds(seed);
        bool taken = _remainingKinds(id, partners[0]) & ~mask != 0;
        bytes4 expected =
            taken && _isTakingKinds(id, partners[0]) ? IPartnerPrograms.KindsChangePending.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.setKinds, (id, partners, mask));
        if (_tryAsBrand("setKinds", seed, id, data, expected)) _kindsSet(id, partners[0], mask);
    }

    function announceDailyLimit(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        Book storage b = _books[id];
        uint128 limit =
            _seldom(seed, "unlimited", 3) ? Limits.NO_LIMIT : uint128(_roll(seed, "limit", 200 * _one(b.terms.token)));
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceDailyLimit, (id, limit));
        if (!_tryAsBrand("announceDailyLimit", seed, id, data, SUCCESS)) return;
        (b.limit, b.limited) = (uint128(_limitOf(b)), true);
        (b.nextLimit, b.nextLimitAt) = (limit, block.timestamp + b.terms.noticeSeconds);
    }

    function announceDescription(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceDescription, (id, bytes32(seed), "ipfs://terms"));
        _tryAsBrand("announceDescription", seed, id, data, SUCCESS);
    }

    function suspend(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        uint256 last = _suspendedUntil(id);
        bool tooSoon = last != 0 && block.timestamp < last + _books[id].terms.noticeSeconds;
        bytes4 expected = tooSoon ? IPartnerPrograms.SuspensionTooSoon.selector : SUCCESS;
        if (_tryAsBrand("suspend", seed, id, abi.encodeCall(IPartnerPrograms.suspend, (id)), expected)) _suspended(id);
    }

    function resume(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isSuspended);
        bytes4 expected = _isSuspended(id) ? SUCCESS : IPartnerPrograms.NotSuspended.selector;
        if (!_tryAsBrand("resume", seed, id, abi.encodeCall(IPartnerPrograms.resume, (id)), expected)) return;
        _resumed(id);
    }

    /// @dev Seldom, or a long walk would soon have nothing to attest.
    function closeCampaign(uint256 seed) external {
        if (!_seldom(seed, "close", 8)) return;
        bytes32 id = _someCampaign(seed);
        bool closing = _books[id].closingAnnounced != 0;
        bytes4 expected = closing ? IPartnerPrograms.ClosingAlready.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.closeCampaign, (id));
        if (!_tryAsBrand("closeCampaign", seed, id, data, expected)) return;
        Book storage b = _books[id];
        (b.closingAnnounced, b.closesAt) = (block.timestamp, _effectiveAt(id));
        b.finalAt = b.closesAt + b.terms.noticeSeconds;
    }

    function transferCampaign(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        address to = _seldom(seed, "take back", 4) ? address(0) : _brands[_roll(seed, "to", 3)];
        bytes memory data = abi.encodeCall(IPartnerPrograms.transferCampaign, (id, to));
        if (!_tryAsBrand("transferCampaign", seed, id, data, SUCCESS)) return;
        _books[id].pendingBrand = to;
        _books[id].transferableAt = block.timestamp + _books[id].terms.noticeSeconds;
    }

    function acceptCampaign(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _seldom(seed, "early", 4) ? _isOffered : _isTransferable);
        Book storage b = _books[id];
        address sender = _isOffered(id) && !_seldom(seed, "stranger", 8) ? b.pendingBrand : STRANGER;
        bytes4 expected = SUCCESS;
        if (sender == STRANGER) expected = IPartnerPrograms.NotPendingBrand.selector;
        else if (block.timestamp < b.transferableAt) expected = IPartnerPrograms.TransferNotMature.selector;
        if (!_try("acceptCampaign", sender, abi.encodeCall(IPartnerPrograms.acceptCampaign, (id)), expected)) return;
        (b.brand, b.pendingBrand) = (b.pendingBrand, address(0));
    }

    // ------------------------------------------------------------------------------------------------- budget

    function fund(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        _fund("fund", id, 1 + _roll(seed, "amount", 500 * _one(_books[id].terms.token)));
    }

    function fundWithPermit(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isInErc20);
        DemoToken token = DemoToken(_books[id].terms.token);
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
        bytes4 expected = _isClosed(id) ? IPartnerPrograms.CampaignClosed.selector : SUCCESS;
        if (_try("fundWithPermit", funder, data, expected)) _books[id].funded += amount;
    }

    function announceWithdrawal(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        Book storage b = _books[id];
        uint256 amount = _roll(seed, "amount", _available(b) + _one(b.terms.token) / 8 + 1);
        bytes4 expected = SUCCESS;
        if (amount == 0) expected = IPartnerPrograms.ZeroAmount.selector;
        else if (_isWithdrawalPending(b)) expected = IPartnerPrograms.WithdrawalPending.selector;
        else if (amount > _available(b)) expected = IPartnerPrograms.InsufficientBudget.selector;
        bytes memory data = abi.encodeCall(IPartnerPrograms.announceWithdrawal, (id, uint128(amount)));
        if (!_tryAsBrand("announceWithdrawal", seed, id, data, expected)) return;
        (b.withdrawal, b.withdrawalAnnounced, b.withdrawableAt) = (amount, block.timestamp, _effectiveAt(id));
    }

    function cancelWithdrawal(uint256 seed) external {
        if (!_seldom(seed, "cancel", 4)) return;
        bytes32 id = _someCampaign(seed);
        bytes4 expected = _books[id].withdrawalAnnounced == 0 ? IPartnerPrograms.NoWithdrawal.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.cancelWithdrawal, (id));
        if (_tryAsBrand("cancelWithdrawal", seed, id, data, expected)) _forgetWithdrawal(_books[id]);
    }

    function withdraw(uint256 seed) external {
        bytes32 id = _campaignWhere(seed, _isWithdrawable);
        Book storage b = _books[id];
        (bytes4 expected, uint256 amount) = _foreseeWithdrawal(id);
        address receiver = _receivers[_roll(seed, "receiver", 2)];
        uint256 before = _balance(b.terms.token, receiver);
        if (!_tryAsBrand("withdraw", seed, id, abi.encodeCall(IPartnerPrograms.withdraw, (id, receiver)), expected))
            return;
        vm.assertEq(_balance(b.terms.token, receiver) - before, amount, "what was announced, or what is left of it");
        vm.assertTrue(_hadNotice(id), "never without notice");
        b.withdrawn += amount;
        _forgetWithdrawal(b);
    }

    // ------------------------------------------------------------------------------- from conversion to credit

    function attest(uint256 seed) external {
        bytes32 id = _someCampaign(seed);
        Batch memory batch;
        batch.a = _someAttestation(seed, id);
        _rollLines(seed, batch);
        bytes4 lie = _lie(seed, batch);
        bytes4 expected = _foreseeAttestation(batch.a);
        batch.digest = lens.attestationDigest(batch.a);
        batch.attesterSet = _setOf(_books[id]);

        (bytes memory data, address sender, bool forged) = _attestCall(seed, batch);
        if (expected == SUCCESS && forged) expected = IPartnerPrograms.InvalidSignature.selector;
        if (expected == SUCCESS) expected = lie;
        if (!_try("attest", sender, data, expected)) return;
        _latestAttest[id] = data;
        _attested(batch);
    }

    /// @dev A conversion number is attested once.
    function attestAgain(uint256 seed) external {
        bytes memory data = _latestAttest[_someCampaign(seed)];
        if (data.length != 0) _try("attestAgain", STRANGER, data, IPartnerPrograms.ConversionOutOfOrder.selector);
    }

    function reverse(uint256 seed) external {
        if (_batches.length == 0) return;
        Batch storage b = _batchWhere(seed, _isInHold);
        (Line[] memory lines, IPartnerPrograms.LineReversal[] memory lowered) = _someReversal(seed, b);
        Line[] memory targets = new Line[](lowered.length);
        for (uint256 i; i < lowered.length; ++i) {
            targets[i] = lowered[i].target;
        }
        bytes32 digest = lens.reversalDigest(b.a.campaignId, b.digest, targets, bytes32(seed));
        Attesters memory set = _sets[b.a.campaignId][b.attesterSet];
        bytes memory data = abi.encodeCall(
            IPartnerPrograms.reverse,
            (b.a, lowered, bytes32(seed), _sign(seed, set.members, set.threshold, digest))
        );
        if (!_try("reverse", STRANGER, data, _isInHold(b) ? SUCCESS : IPartnerPrograms.HoldOver.selector)) return;
        for (uint256 i; i < lines.length; ++i) {
            uint256 returned = _total(b.a, b.lines[i]) - _total(b.a, lines[i]);
            b.spent += returned;
            _books[b.a.campaignId].reserved -= returned;
            if (Line.unwrap(b.lines[i]) == Line.unwrap(lines[i])) continue;
            // A volume may be above the cap now, or no longer.
            b.lines[i] = lines[i];
            b.faults[i] = _fault(b.a, lines[i]);
        }
    }

    function release(uint256 seed) external {
        if (_batches.length == 0) return;
        Batch storage b = _seldom(seed, "early", 8) ? _batchWhere(seed, _isInHold) : _batchWhere(seed, _isRipe);
        uint256 height = _roll(seed, "height", LineProofs.depthOf(b.lines.length) + 1);
        _release("release", b, height, _roll(seed, "position", ((b.lines.length - 1) >> height) + 1));
    }

    function pull(uint256 seed) external {
        if (_batches.length == 0) return;
        Batch storage b = _seldom(seed, "early", 8) ? _batchWhere(seed, _isInHold) : _batchWhere(seed, _isRipe);
        address partner = b.lines[_roll(seed, "line", b.lines.length)].partner();
        (uint256[] memory of_, uint256[] memory which) = _linesOf(seed, b.a.campaignId, partner);
        _pull("pull", of_, which, _seldom(seed, "pushed", 2) ? STRANGER : partner);
    }

    // ------------------------------------------------------------------------------------------------- claims

    function claim(uint256 seed) external {
        address owner = _ownerWithCredit(seed);
        address receiver = _seldom(seed, "as pushed", 2) ? _pushedTo(owner) : _some(_receivers, seed);
        _claim("claim", owner, _someTokens(seed), receiver);
    }

    function claimFor(uint256 seed) external {
        address owner = _ownerWithCredit(seed);
        if (_keys[owner] == 0) return;
        IPartnerPrograms.ClaimOrder memory order = IPartnerPrograms.ClaimOrder({
            owner: owner,
            receiver: _seldom(seed, "as pushed", 2) ? _pushedTo(owner) : _some(_receivers, seed),
            tokens: _someTokens(seed),
            nonce: _nonces[owner],
            deadline: block.timestamp
        });
        bytes4 expected = _foreseeClaim(owner, order.tokens, order.receiver);
        address signer = owner;
        if (_seldom(seed, "used", 8) && order.nonce != 0) {
            --order.nonce;
            expected = IPartnerPrograms.WrongNonce.selector;
        } else if (_seldom(seed, "forged", 8)) {
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
        address sender = _seldom(seed, "own call", 4) ? owner : STRANGER;
        address receiver = _pushedTo(owner);
        bytes4 expected =
            _refusesPush(owner, sender) ? IPartnerPrograms.OptedOut.selector : _foreseePayment(owner, list, receiver);
        bytes memory data = abi.encodeCall(IPartnerPrograms.payOut, (owner, list));
        _payment("payOut", sender, data, expected, owner, list, receiver);
    }

    function setPayout(uint256 seed) external {
        address owner = _some(_owners, seed);
        (address receiver, uint32 lock, bytes4 expected) = _somePayout(seed);
        bytes memory data = abi.encodeCall(IPartnerPrograms.setPayout, (receiver, lock));
        if (_try("setPayout", owner, data, expected)) _payoutSet(owner, receiver, lock);
    }

    function setPayoutFor(uint256 seed) external {
        address owner = _some(_owners, seed);
        if (_keys[owner] == 0) return;
        (address receiver, uint32 lock, bytes4 expected) = _somePayout(seed);
        IPartnerPrograms.PayoutOrder memory order = IPartnerPrograms.PayoutOrder(
            owner,
            receiver,
            lock,
            _nonces[owner],
            block.timestamp
        );
        address signer = owner;
        if (_seldom(seed, "late", 8)) {
            --order.deadline;
            expected = IPartnerPrograms.DeadlinePassed.selector;
        } else if (_seldom(seed, "forged", 8)) {
            signer = _brands[0];
            expected = IPartnerPrograms.InvalidSignature.selector;
        }
        bytes memory signature = _signature(signer, lens.payoutDigest(order));
        bytes memory data = abi.encodeCall(IPartnerPrograms.setPayoutFor, (order, signature));
        if (!_try("setPayoutFor", STRANGER, data, expected)) return;
        _payoutSet(owner, receiver, lock);
        ++_nonces[owner];
    }

    function revokeOrders(uint256 seed) external {
        address owner = _some(_owners, seed);
        _try("revokeOrders", owner, abi.encodeCall(IPartnerPrograms.revokeOrders, ()), SUCCESS);
        uint256 nonce = programs.nonces(owner);
        unchecked {
            vm.assertTrue(nonce - _nonces[owner] > 2 ** 32, "none that could have been signed for");
        }
        _nonces[owner] = nonce;
    }

    function setPayOutOptOut(uint256 seed) external {
        bool out = _seldom(seed, "out", 3);
        address owner = _some(_owners, seed);
        _try("setPayOutOptOut", owner, abi.encodeCall(IPartnerPrograms.setPayOutOptOut, (out)), SUCCESS);
        _payouts[owner].optedOut = out;
    }

    function jump(uint256 seed) external {
        vm.warp(block.timestamp + 1 + _roll(seed, "jump", 1 days));
        ++successes["jump"];
    }

    // ------------------------------------------------------------------------------------------ end of a walk

    /// @notice Once all holds and locks are over, settles every known line that is left, and claims every credit.
    function finish() external {
        for (uint256 i; i < _owners.length; ++i) {
            bytes memory data = abi.encodeCall(IPartnerPrograms.setPayout, (_receivers[0], 0));
            if (_try("(end) setPayout", _owners[i], data, SUCCESS)) _payoutSet(_owners[i], _receivers[0], 0);
        }
        vm.warp(block.timestamp + 365 days);
        for (uint256 k; k < _batches.length; ++k) {
            Batch storage b = _batches[k];
            for (uint256 i; i < b.lines.length; ++i) {
                if (b.settled[i]) continue;
                if (i % 2 == 0) _release("(end) release", b, 0, i);
                else _pullOne("(end) pull", k, i);
                vm.assertTrue(b.settled[i], "a line that no one settled can be settled");
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

    function bookOf(bytes32 id) external view returns (Book memory) {
        return _books[id];
    }

    function batchCount() external view returns (uint256) {
        return _batches.length;
    }

    function batchAt(uint256 index) external view returns (Batch memory) {
        return _batches[index];
    }

    function touched() external view returns (uint256 batch, bytes32 id) {
        return (_touched, _touchedCampaign);
    }

    /// @notice What has to be reserved for lines of large batches that nobody knows.
    function unknownOf(bytes32 id) external view returns (uint256 sum) {
        for (uint256 i; i < _batches.length; ++i) {
            if (_batches[i].a.campaignId == id) sum += _batches[i].unknown;
        }
    }

    function attestedToday(bytes32 id) external view returns (uint256 attested, uint256 limit) {
        return (_attestedOn[id][block.timestamp / 1 days], _limitOf(_books[id]));
    }

    /// @notice For how long the notices of a campaign still run at least: of its withdrawal, and twice of its end.
    function noticesOf(bytes32 id) external view returns (uint256 withdrawal, uint256 closing) {
        Book storage b = _books[id];
        uint256 notice = b.terms.noticeSeconds;
        if (b.withdrawalAnnounced != 0) withdrawal = _left(id, b.withdrawalAnnounced, notice);
        if (b.closingAnnounced != 0) closing = _left(id, b.closingAnnounced, notice);
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
        if (_seldom(seed, "stranger", 8)) return _try(name, STRANGER, data, IPartnerPrograms.NotBrand.selector);
        return _try(name, _books[id].brand, data, expected);
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
        given.terms = _someTerms(seed, token, holdSeconds);
        given.offers = new IPartnerPrograms.Offer[](2);
        (given.offers[0], given.offers[1]) = (_offer(seed, token), _offer(_nth(seed, 1), token));
        (given.offers[0].eventName, given.offers[1].eventName) = ("sale", "signup");
        Attesters memory set = _someAttesters(seed, attesters);
        (given.attesters, given.threshold) = (set.members, set.threshold);
        given.dailyLimit = _seldom(seed, "limited", 3) ? uint128(100 * _one(token)) : Limits.NO_LIMIT;

        address brand = _some(_brands, seed);
        id = lens.campaignIdOf(brand, given.salt, given.terms);
        _try(name, brand, abi.encodeCall(IPartnerPrograms.createCampaign, (given)), SUCCESS);
        _campaigns.push(id);
        _touchedCampaign = id;
        Book storage b = _books[id];
        (b.terms, b.brand) = (given.terms, brand);
        (b.limit, b.limited) = (given.dailyLimit, given.dailyLimit != Limits.NO_LIMIT);
        _sets[id][0] = set;
        _appended(id, given.offers[0]);
        _appended(id, given.offers[1]);
        if (given.terms.openKinds == 0) _listAll(id);
    }

    function _listAll(bytes32 id) private {
        vm.prank(_books[id].brand);
        programs.setKinds(id, _partners, 3);
        for (uint256 i; i < _partners.length; ++i) {
            _kindsSet(id, _partners[i], 3);
        }
    }

    function _fund(string memory name, bytes32 id, uint256 amount) private {
        address token = _books[id].terms.token;
        address funder = STRANGER;
        bool coin = token == Tokens.NATIVE;
        if (!coin) {
            DemoToken(token).mint(funder, amount);
            vm.prank(funder);
            DemoToken(token).approve(address(programs), amount);
        }
        bytes4 expected = _isClosed(id) ? IPartnerPrograms.CampaignClosed.selector : SUCCESS;
        bytes memory data = abi.encodeCall(IPartnerPrograms.fund, (id, amount));
        if (_try(name, funder, coin ? amount : 0, data, expected)) _books[id].funded += amount;
    }

    function _forgetWithdrawal(Book storage b) private {
        (b.withdrawal, b.withdrawalAnnounced, b.withdrawableAt) = (0, 0, 0);
    }

    /// @dev Whoever attests: any of the set, its sole member itself, or somebody who forges.
    function _attestCall(
        uint256 seed,
        Batch memory batch
    ) private view returns (bytes memory data, address sender, bool forged) {
        Attesters memory set = _sets[batch.a.campaignId][batch.attesterSet];
        Line[] memory lines = _givesLines(batch.a.campaignId) ? batch.lines : new Line[](0);
        if (set.members.length == 1 && _seldom(seed, "own call", 4)) {
            data = abi.encodeCall(IPartnerPrograms.attest, (batch.a, lines, new IPartnerPrograms.Signature[](0)));
            return (data, set.members[0], false);
        }
        forged = _seldom(seed, "forged", 8);
        bytes32 signed = forged ? keccak256(abi.encode("another", batch.digest)) : batch.digest;
        IPartnerPrograms.Signature[] memory signatures = _sign(seed, set.members, set.threshold, signed);
        return (abi.encodeCall(IPartnerPrograms.attest, (batch.a, lines, signatures)), STRANGER, forged);
    }

    function _attested(Batch memory batch) private {
        Book storage book = _books[batch.a.campaignId];
        book.conversions += batch.a.conversions;
        // A campaign begins to count when it has its first limit.
        if (book.limited) _attestedOn[batch.a.campaignId][block.timestamp / 1 days] += batch.a.total;
        if (book.terms.holdSeconds == 0) {
            for (uint256 i; i < batch.lines.length; ++i) {
                ++faultsMet[batch.faults[i]];
                if (batch.faults[i] != IPartnerPrograms.Fault.None) continue;
                (uint256 commission, uint256 fee) = _worth(batch.a, batch.lines[i]);
                credits[batch.lines[i].partner()][book.terms.token] += commission;
                _earned(book, commission, fee);
            }
        } else {
            book.reserved += batch.a.total;
            batch.releaseAt = block.timestamp + book.terms.holdSeconds;
            _touched = _batches.length;
            _batches.push(batch);
        }
        book.withdrawal = _earlier(book.withdrawal, _available(book));
    }

    function _release(string memory name, Batch storage b, uint256 height, uint256 position) private {
        uint256 from = position << height;
        uint256 end = _earlier(from + (1 << height), b.lines.length);
        Line[] memory lines = new Line[](end - from);
        for (uint256 i = from; i < end; ++i) {
            lines[i - from] = b.lines[i];
        }
        bytes memory path = bytes.concat(_levels(b).path(height, position), b.path);
        bytes memory data = abi.encodeCall(IPartnerPrograms.release, (b.a, b.first + from, path, lines));
        if (!_try(name, STRANGER, data, _isInHold(b) ? IPartnerPrograms.HoldNotOver.selector : SUCCESS)) return;
        for (uint256 i = from; i < end; ++i) {
            if (b.settled[i]) continue;
            _met(b, i);
            credits[b.lines[i].partner()][_books[b.a.campaignId].terms.token] += _settled(b, i);
        }
    }

    function _pullOne(string memory name, uint256 batch, uint256 line) private {
        uint256[] memory of_ = new uint256[](1);
        uint256[] memory which = new uint256[](1);
        (of_[0], which[0]) = (batch, line);
        // The partner itself: it may have opted out of others' pushes.
        address partner = _batches[batch].lines[line].partner();
        _pull(name, of_, which, partner == address(0) ? STRANGER : partner);
    }

    /// @param of_ Batches of one campaign, and `which` line of each, all of one partner.
    function _pull(string memory name, uint256[] memory of_, uint256[] memory which, address sender) private {
        bytes4 expected = _foreseePull(of_, which, sender);
        address receiver = _pushedTo(_batches[of_[0]].lines[which[0]].partner());
        address token = _books[_batches[of_[0]].a.campaignId].terms.token;
        uint256 before = _balance(token, receiver);
        if (!_try(name, sender, _pullCall(of_, which), expected)) return;
        uint256 commission;
        for (uint256 i; i < of_.length; ++i) {
            Batch storage b = _batches[of_[i]];
            if (b.settled[which[i]]) continue;
            _met(b, which[i]);
            commission += _settled(b, which[i]);
        }
        vm.assertEq(_balance(token, receiver) - before, commission, "the commissions, to where the partner is paid");
        if (of_.length > 1 && commission != 0) ++successes["pull out of several batches"];
    }

    function _pullCall(uint256[] memory of_, uint256[] memory which) private view returns (bytes memory) {
        IPartnerPrograms.Attestation[] memory attestations = new IPartnerPrograms.Attestation[](of_.length);
        IPartnerPrograms.LineProof[] memory proofs = new IPartnerPrograms.LineProof[](of_.length);
        for (uint256 i; i < of_.length; ++i) {
            attestations[i] = _batches[of_[i]].a;
            proofs[i] = _proofOf(_batches[of_[i]], which[i]);
        }
        return abi.encodeCall(IPartnerPrograms.pull, (attestations, proofs));
    }

    function _met(Batch storage b, uint256 i) private {
        ++faultsMet[b.faults[i]];
        if (_isLarge(b)) ++linesOfLargeBatches;
    }

    function _claim(string memory name, address owner, address[] memory list, address receiver) private {
        bytes memory data = abi.encodeCall(IPartnerPrograms.claim, (list, receiver));
        _payment(name, owner, data, _foreseeClaim(owner, list, receiver), owner, list, receiver);
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

    /// @dev What is wrong with an offer, of what is rolled here, in the contract's order.
    function _foreseeOffer(bytes32 id, IPartnerPrograms.Offer memory o) private view returns (bytes4) {
        if (o.partner == address(0) ? o.kind > 63 : o.kind != 255) return IPartnerPrograms.InvalidKind.selector;
        if (o.eventName == "sale\x00\x01") return IPartnerPrograms.InvalidEventName.selector;
        uint256 validFrom = o.validFrom == 0 ? block.timestamp : o.validFrom;
        uint256 validTo = o.validTo == 0 ? type(uint40).max : o.validTo;
        if (validTo < _later(validFrom + 1, o.lockedUntil)) return IPartnerPrograms.OfferEndsTooEarly.selector;
        if (o.lockedUntil > block.timestamp + Limits.LONGEST_GUARANTEE) {
            return IPartnerPrograms.GuaranteeTooLong.selector;
        }
        uint256 closesAt = _books[id].closesAt;
        if (closesAt != 0 && o.lockedUntil > closesAt) return IPartnerPrograms.CampaignClosed.selector;
        uint256 last = _latestOffer[id][_subjectOf(o)];
        return last != 0 && validFrom < _offers[id][last].validTo ? IPartnerPrograms.OfferOverlaps.selector : SUCCESS;
    }

    function _foreseeAttestation(IPartnerPrograms.Attestation memory a) private view returns (bytes4) {
        Book storage b = _books[a.campaignId];
        if (block.timestamp > a.deadline) return IPartnerPrograms.DeadlinePassed.selector;
        if (a.periodTo > block.timestamp) return IPartnerPrograms.InvalidPeriod.selector;
        if (_isSuspended(a.campaignId)) return IPartnerPrograms.CampaignSuspended.selector;
        if (b.closesAt != 0 && (a.periodTo > b.closesAt || block.timestamp >= b.finalAt))
            return IPartnerPrograms.CampaignClosed.selector;
        if (a.total > _available(b)) return IPartnerPrograms.InsufficientBudget.selector;
        if (_attestedOn[a.campaignId][block.timestamp / 1 days] + a.total > _limitOf(b))
            return IPartnerPrograms.DailyLimitExceeded.selector;
        return SUCCESS;
    }

    function _foreseeWithdrawal(bytes32 id) private view returns (bytes4 expected, uint256 amount) {
        Book storage s = _books[id];
        amount = _available(s);
        if (s.finalAt == 0 || block.timestamp < s.finalAt) {
            if (s.withdrawalAnnounced == 0) return (IPartnerPrograms.NoWithdrawal.selector, 0);
            if (block.timestamp < s.withdrawableAt) return (IPartnerPrograms.WithdrawalNotMature.selector, 0);
            if (block.timestamp >= s.withdrawableAt + Limits.WITHDRAWAL_WINDOW)
                return (IPartnerPrograms.WithdrawalLapsed.selector, 0);
            amount = _earlier(amount, s.withdrawal);
        }
        expected = amount == 0 ? IPartnerPrograms.ZeroAmount.selector : SUCCESS;
    }

    function _foreseePull(uint256[] memory of_, uint256[] memory which, address sender) private view returns (bytes4) {
        address partner = _batches[of_[0]].lines[which[0]].partner();
        if (_refusesPush(partner, sender)) return IPartnerPrograms.OptedOut.selector;
        uint256 commission;
        bool any;
        for (uint256 i; i < of_.length; ++i) {
            Batch storage b = _batches[of_[i]];
            if (_isInHold(b)) return IPartnerPrograms.HoldNotOver.selector;
            if (b.settled[which[i]]) continue;
            any = true;
            (uint256 worth, ) = _worth(b.a, b.lines[which[i]]);
            if (b.faults[which[i]] == IPartnerPrograms.Fault.None) commission += worth;
        }
        if (!any) return IPartnerPrograms.NothingToPay.selector;
        bool coin = _books[_batches[of_[0]].a.campaignId].terms.token == Tokens.NATIVE;
        bool refused = coin && commission != 0 && _pushedTo(partner) == refuser;
        return refused ? IPartnerPrograms.NativeTransferFailed.selector : SUCCESS;
    }

    function _foreseeClaim(address owner, address[] memory list, address receiver) private view returns (bytes4) {
        if (_isLockedAgainst(owner, receiver)) return IPartnerPrograms.PayoutLocked.selector;
        return _foreseePayment(owner, list, receiver);
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

    // ------------------------------------------------------------------------------------------- private: roll

    function _someCampaign(uint256 seed) private returns (bytes32) {
        return _touchedCampaign = _campaigns[_roll(seed, "campaign", _campaigns.length)];
    }

    /// @dev One that is so, or any if none is.
    function _campaignWhere(uint256 seed, function(bytes32) view returns (bool) isSo) private returns (bytes32) {
        uint256 first = _roll(seed, "campaign", _campaigns.length);
        for (uint256 i; i < _campaigns.length; ++i) {
            _touchedCampaign = _campaigns[(first + i) % _campaigns.length];
            if (isSo(_touchedCampaign)) return _touchedCampaign;
        }
        return _touchedCampaign = _campaigns[first];
    }

    function _batchWhere(
        uint256 seed,
        function(Batch storage) view returns (bool) isSo
    ) private returns (Batch storage b) {
        uint256 first = _roll(seed, "batch", _batches.length);
        for (uint256 i; i < _batches.length; ++i) {
            _touched = (first + i) % _batches.length;
            b = _batches[_touched];
            _touchedCampaign = b.a.campaignId;
            if (isSo(b)) return b;
        }
        _touched = first;
        b = _batches[first];
        _touchedCampaign = b.a.campaignId;
    }

    /// @dev Lines of a partner out of some batches of a campaign, at least one; mostly of those that can be settled.
    function _linesOf(
        uint256 seed,
        bytes32 id,
        address partner
    ) private view returns (uint256[] memory of_, uint256[] memory which) {
        uint256 most = 1 + _roll(seed, "pulled", MOST_PULLED);
        uint256 count;
        (of_, which) = (new uint256[](most), new uint256[](most));
        for (uint256 k; k < _batches.length && count < most; ++k) {
            uint256 at = (_touched + k) % _batches.length;
            Batch storage b = _batches[at];
            if (b.a.campaignId != id || (k != 0 && _isInHold(b))) continue;
            for (uint256 i; i < b.lines.length && count < most; ++i) {
                if (b.lines[i].partner() != partner) continue;
                if (b.settled[i] && !_seldom(_nth(seed, at), "settled", 4)) continue;
                (of_[count], which[count]) = (at, i);
                ++count;
            }
        }
        if (count == 0) {
            // All are settled: any of them.
            of_[0] = _touched;
            while (_batches[_touched].lines[which[0]].partner() != partner) ++which[0];
            count = 1;
        }
        assembly ("memory-safe") {
            mstore(of_, count)
            mstore(which, count)
        }
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

    function _someKinds(uint256 seed) private pure returns (uint64) {
        return uint64(_roll(seed, "mask", 4) | (_roll(seed, "gold", 2) << 5));
    }

    function _someTerms(
        uint256 seed,
        address token,
        uint256 holdSeconds
    ) private view returns (IPartnerPrograms.Terms memory terms) {
        terms.token = token;
        terms.holdSeconds = uint32(holdSeconds);
        terms.noticeSeconds = uint32(_later(holdSeconds, 1 days) + _roll(seed, "notice", 2 days));
        terms.openKinds = _seldom(seed, "allow-list", 4) ? 0 : 3;
        terms.linesOnChain = _seldom(seed, "lines on chain", 3);
        // Below 4 there is something to round.
        terms.unitExponent = uint8(token == _tokens[0] ? _roll(seed, "unit", 5) : 2 + _roll(seed, "unit", 2) * 14);
        if (_seldom(seed, "fee", 2)) (terms.feeBps, terms.operator) = (777, _some(_operators, seed));
    }

    function _offer(uint256 seed, address token) private view returns (IPartnerPrograms.Offer memory o) {
        o.kind = uint8(_roll(seed, "kind", 2));
        if (_seldom(seed, "gold", 4)) o.kind = 5;
        if (_seldom(seed, "for one", 4)) (o.kind, o.partner) = (255, _some(_partners, seed));
        o.flatAmount = uint96(_roll(seed, "flat", 2 * _one(token)) + 1);
        o.rateBps = uint16(_roll(seed, "rate", 1_500));
        o.capUnits = uint56(1 + _roll(seed, "cap", 10_000));
    }

    function _someAttesters(uint256 seed, uint256 count) private view returns (Attesters memory set) {
        uint256 first = _roll(seed, "attesters", _attesters.length - count + 1);
        set.members = new address[](count);
        for (uint256 i; i < count; ++i) {
            set.members[i] = _attesters[first + i];
        }
        set.threshold = count == 1 ? 1 : 2;
    }

    function _somePayout(uint256 seed) private view returns (address receiver, uint32 lock, bytes4 expected) {
        if (!_seldom(seed, "itself", 3)) receiver = _some(_receivers, seed);
        if (_seldom(seed, "locked", 3)) lock = uint32(1 + _roll(seed, "lock", 2 days));
        if (_seldom(seed, "too long", 16)) lock = Limits.LONGEST_LOCK + 1;
        expected = lock > Limits.LONGEST_LOCK ? IPartnerPrograms.LockTooLong.selector : SUCCESS;
    }

    function _someAttestation(uint256 seed, bytes32 id) private view returns (IPartnerPrograms.Attestation memory a) {
        a.campaignId = id;
        a.firstConversion = uint64(1 + _books[id].conversions);
        a.conversions = uint32(1 + _roll(seed, "conversions", 40));
        a.deadline = uint40(block.timestamp - (_seldom(seed, "late", 16) ? 1 : 0));
        // A period may be of any age.
        a.periodTo = uint40(block.timestamp - _roll(seed, "to", _seldom(seed, "old", 8) ? 20 days : 6 hours));
        if (_seldom(seed, "future", 32)) a.periodTo = uint40(block.timestamp + 1);
        uint40 closesAt = uint40(_books[id].closesAt);
        if (closesAt != 0 && a.periodTo > closesAt && !_seldom(seed, "over", 4)) a.periodTo = closesAt;
        a.periodFrom = a.periodTo - 1 - uint40(_roll(seed, "from", 6 hours));
        a.conversionsRoot = bytes32(seed);
    }

    /// @dev Lines, good and bad, under a root; of a large batch those of a subtree somewhere in a tree of up to a million or so.
    function _rollLines(uint256 seed, Batch memory batch) private view {
        IPartnerPrograms.Attestation memory a = batch.a;
        bool large = !_givesLines(a.campaignId) && _seldom(seed, "large", 3);
        uint256 height = _roll(seed, "height", 4);
        uint256 count = large ? 1 << height : 1 + _roll(seed, "lines", MOST_LINES);
        batch.lines = new Line[](count);
        batch.faults = new IPartnerPrograms.Fault[](count);
        batch.settled = new bool[](count);
        for (uint256 i; i < count; ++i) {
            batch.lines[i] = _someLine(_nth(seed, i), a);
            batch.faults[i] = _fault(a, batch.lines[i]);
        }
        (a.linesRoot, batch.unknown) = LineProofs.tree(batch.lines, _worths(a, batch.lines)).root();
        a.total = uint128(batch.unknown);
        a.lineCount = uint32(count);
        batch.unknown = 0;
        if (large) _placeAmongMany(seed, batch, height);
    }

    /// @dev Puts the subtree of what is known below siblings that are worth little and of which nothing else is known.
    function _placeAmongMany(uint256 seed, Batch memory batch, uint256 height) private pure {
        IPartnerPrograms.Attestation memory a = batch.a;
        a.lineCount = uint32(1_000_000 - _roll(seed, "many", 900_000));
        uint256 depth = LineProofs.depthOf(a.lineCount);
        uint256 position = _roll(seed, "place", a.lineCount >> height);
        batch.first = position << height;
        for (uint256 level = height; level < depth; ++level) {
            uint128 sum = uint128(_roll(_nth(seed, level), "sum", 1_000));
            bytes memory sibling = abi.encodePacked(keccak256(abi.encode(seed, level)), sum);
            bytes memory own = abi.encodePacked(a.linesRoot, a.total);
            a.linesRoot = keccak256(position % 2 == 0 ? bytes.concat(own, sibling) : bytes.concat(sibling, own));
            a.total += sum;
            batch.unknown += sum;
            batch.path = bytes.concat(batch.path, sibling);
            position /= 2;
        }
    }

    /// @dev Every third or so does not hold: partners and offers do not fit by chance, and numbers are wrong now and then.
    function _someLine(uint256 seed, IPartnerPrograms.Attestation memory a) private view returns (Line) {
        uint256 offerId = 1 + _roll(seed, "offer", _books[a.campaignId].offers);
        IPartnerPrograms.Offer storage o = _offers[a.campaignId][offerId];
        address partner = o.partner == address(0) || _seldom(seed, "another", 4) ? _some(_partners, seed) : o.partner;
        uint256 count = 1 + _roll(seed, "count", _earlier(20, a.conversions));
        uint256 volume = _roll(seed, "volume", count * o.capUnits + 1);
        uint256 wrong = _roll(seed, "wrong", 32);
        if (wrong == 0) offerId = type(uint16).max;
        if (wrong == 1) partner = address(0);
        if (wrong == 2) volume = count * o.capUnits + 1;
        if (wrong == 3) count = a.conversions + 1;
        return LineLib.pack(uint16(offerId), partner, uint24(count), uint56(volume));
    }

    /// @dev Now and then lines that are given are others than those that were signed, or worth something else.
    function _lie(uint256 seed, Batch memory batch) private view returns (bytes4) {
        if (!_givesLines(batch.a.campaignId) || !_seldom(seed, "lie", 16)) return SUCCESS;
        if (_seldom(seed, "total", 2)) {
            ++batch.a.total;
            return IPartnerPrograms.TotalDiffersFromBatch.selector;
        }
        batch.a.linesRoot = keccak256(abi.encode(batch.a.linesRoot));
        return IPartnerPrograms.LinesDifferFromBatch.selector;
    }

    /// @dev Targets for one to three lines: lower, the same, or (to no avail) higher. Each path is of the tree as the ones before leave it.
    /// @return lines All known lines of the batch as they will stand.
    function _someReversal(
        uint256 seed,
        Batch storage b
    ) private returns (Line[] memory lines, IPartnerPrograms.LineReversal[] memory lowered) {
        lines = b.lines;
        Line[] memory before = b.lines;
        lowered = new IPartnerPrograms.LineReversal[](1 + _roll(seed, "lines", _earlier(3, lines.length)));
        uint256 first = _roll(seed, "first", lines.length);
        for (uint256 i; i < lowered.length; ++i) {
            uint256 at = (first + i) % lines.length;
            Line line = lines[at];
            Line target = LineLib.pack(
                line.offerId(),
                line.partner(),
                uint24(_roll(_nth(seed, i), "count", uint256(line.count()) + 2)),
                uint56(_roll(_nth(seed, i), "volume", uint256(line.volumeUnits()) + 2))
            );
            IPartnerPrograms.LineProof memory proof = _proofOf(b, at);
            lowered[i] = IPartnerPrograms.LineReversal(proof.index, line, target, proof.path);
            lines[at] = _smaller(line, target);
            b.lines[at] = lines[at];
        }
        b.lines = before;
    }

    function _smaller(Line line, Line target) private pure returns (Line) {
        return
            LineLib.pack(
                line.offerId(),
                line.partner(),
                uint24(_earlier(line.count(), target.count())),
                uint56(_earlier(line.volumeUnits(), target.volumeUnits()))
            );
    }

    // ------------------------------------------------------------------------------------------- private: know

    function _givesLines(bytes32 id) private view returns (bool) {
        return _books[id].terms.linesOnChain || _books[id].terms.holdSeconds == 0;
    }

    function _isOffered(bytes32 id) private view returns (bool) {
        return _books[id].pendingBrand != address(0);
    }

    function _isTransferable(bytes32 id) private view returns (bool) {
        return _isOffered(id) && block.timestamp >= _books[id].transferableAt;
    }

    function _isInErc20(bytes32 id) private view returns (bool) {
        return _books[id].terms.token != Tokens.NATIVE;
    }

    function _isClosed(bytes32 id) private view returns (bool) {
        uint256 closesAt = _books[id].closesAt;
        return closesAt != 0 && block.timestamp >= closesAt;
    }

    function _isWithdrawable(bytes32 id) private view returns (bool) {
        (bytes4 expected, ) = _foreseeWithdrawal(id);
        return expected == SUCCESS;
    }

    /// @dev Of what was announced then, how much of a notice is left: it does not run while the campaign is suspended.
    function _left(bytes32 id, uint256 announced, uint256 notice) private view returns (uint256) {
        uint256 ran = _ranSince(id, announced);
        return ran < notice ? notice - ran : 0;
    }

    /// @dev A withdrawal waits for a notice and for every guarantee; the end of a campaign lets go of the rest one notice later.
    function _hadNotice(bytes32 id) private view returns (bool) {
        Book storage b = _books[id];
        if (block.timestamp < b.lockedUntil) return false;
        uint256 notice = b.terms.noticeSeconds;
        return
            (b.withdrawalAnnounced != 0 && _left(id, b.withdrawalAnnounced, notice) == 0) ||
            (b.closingAnnounced != 0 && _left(id, b.closingAnnounced, 2 * notice) == 0);
    }

    function _balance(address token, address account) private view returns (uint256) {
        return token == Tokens.NATIVE ? account.balance : DemoToken(token).balanceOf(account);
    }

    /// @dev One whole token.
    function _one(address token) private view returns (uint256) {
        return token == _tokens[0] ? 1e6 : 1e18;
    }
}
