/** A sentence and a remedy for every error of the contract and of the tokens it calls. */
import type { Result } from "ethers";
import { dateText, durationText } from "./dates.ts";
import { moneyText, shortAddress, type TokenFormat } from "./money.ts";

type Sentence = (args: Result, token: TokenFormat) => readonly [title: string, remedy: string];
const time = (seconds: bigint) => dateText(seconds, "second");

const usedAlready: Sentence = () => [
  "What you signed was used already.",
  "Somebody may have carried it for you: look at the budget before you sign again.",
];
const signedByAnother: Sentence = () => [
  "It was signed by another account.",
  "Switch to the account that is signed in here, and start again.",
];
const signedTooLongAgo: Sentence = () => [
  "What you signed is not valid any more.",
  "Close this and start again; nothing was taken.",
];

export const SENTENCES: Readonly<Record<string, Sentence>> = {
  UnknownCampaign: () => [
    "There is no such campaign on this network.",
    "Check the link, and the network that your wallet is on.",
  ],
  CampaignExists: () => [
    "You created this very campaign already.",
    "Open it under Brand, or change its name to create another.",
  ],
  NotBrand: ({ brand }) => [
    `Only the campaign's brand may do this: ${shortAddress(brand)}.`,
    "Switch to that account in your wallet.",
  ],
  NotPendingBrand: ({ pendingBrand }) => [
    `The campaign was offered to ${shortAddress(pendingBrand)}, not to you.`,
    "Ask the brand to offer it to your account.",
  ],
  InvalidToken: () => ["This token cannot be used here.", "Choose another token; permits are for ERC-20 tokens only."],
  InvalidNotice: ({ shortest, longest }) => [
    `The notice has to be between ${durationText(shortest)} and ${durationText(longest)}.`,
    "Change the notice; it cannot be shorter than the hold.",
  ],
  FeeTooHigh: ({ most }) => [`The operator's fee is at most ${Number(most) / 100} %.`, "Lower the fee."],
  FeeWithoutOperator: () => ["A fee needs an operator, and an operator a fee.", "Give both, or neither."],
  UnitTooLarge: () => ["The token has more decimals than a campaign can count in.", "Choose another token."],
  UnknownOffer: ({ offerId }) => [
    `There is no offer ${offerId} in this campaign.`,
    "Reload the page: the list of offers is out of date.",
  ],
  InvalidKind: ({ kind, partner }) => [
    `Kind ${kind}${BigInt(partner) === 0n ? "" : ` for ${shortAddress(partner)} alone`} is none.`,
    "Kinds are 0 to 63; an offer for one partner names the partner and no kind.",
  ],
  InvalidEventName: () => [
    "The event's name is not one that the contract takes.",
    "Use 1 to 24 letters, digits or signs, without spaces.",
  ],
  TransferNotMature: ({ effectiveAt }) => [
    "The hand-over's notice is still running.",
    `The campaign can be accepted from ${time(effectiveAt)}.`,
  ],
  RateTooHigh: ({ most }) => [`A rate is at most ${Number(most) / 100} %.`, "Lower the rate."],
  OfferPaysNothing: () => ["This offer would pay nothing.", "Give it a flat amount, or a rate with a cap."],
  OfferStartsInPast: ({ time: now }) => [
    "An offer cannot begin in the past.",
    `Let it begin at ${time(now)} or later.`,
  ],
  OfferEndsTooEarly: ({ notBefore }) => [
    "The offer would end too early.",
    `It can end at ${time(notBefore)} at the earliest.`,
  ],
  GuaranteeTooLong: ({ latest }) => ["The guarantee is too long.", `It can last until ${time(latest)} at most.`],
  OfferOverlaps: ({ offerId }) => [
    `Offer ${offerId} pays this event to this kind or partner at the same time.`,
    "Retire that offer first; the new one begins when it ends.",
  ],
  OfferEndsAlready: ({ validTo }) => [`This offer ends already, on ${time(validTo)}.`, "There is nothing left to do."],
  InvalidThreshold: ({ members }) => [
    `More than half of the ${members} attesters have to sign, and no more than there are.`,
    "Change how many sign.",
  ],
  AttestersNotAscending: () => ["An attester is named twice.", "Name each attester once."],
  KindsChangePending: ({ partner, until }) => [
    `A change of ${shortAddress(partner)}'s kinds is under way until ${time(until)}.`,
    "Wait until then.",
  ],
  SuspensionTooSoon: ({ notBefore }) => [
    "The campaign was suspended a short while ago.",
    `It can be suspended again from ${time(notBefore)}.`,
  ],
  NotSuspended: () => ["The campaign is not suspended.", "There is nothing to resume."],
  CampaignSuspended: ({ until }) => [`The campaign is suspended until ${time(until)}.`, "Resume it first."],
  ClosingAlready: ({ closesAt }) => [
    `The campaign closes already, on ${time(closesAt)}.`,
    "There is nothing left to do.",
  ],
  CampaignClosed: ({ since }) => [`The campaign is closed since ${time(since)}.`, "Create a new one."],
  NoWithdrawal: () => ["No withdrawal is announced.", "Announce one first."],
  WithdrawalPending: ({ effectiveAt }) => [
    `A withdrawal is announced for ${time(effectiveAt)} already.`,
    "Make it or take it back first.",
  ],
  WithdrawalNotMature: ({ effectiveAt }) => [
    "The withdrawal's notice is still running.",
    `It can be made from ${time(effectiveAt)}.`,
  ],
  WithdrawalLapsed: ({ lapsedAt }) => [`The withdrawal lapsed on ${time(lapsedAt)}.`, "Announce it again."],
  ZeroAmount: () => ["The amount is zero, or nothing is available.", "Give an amount above zero."],
  BudgetTooLarge: ({ most }, token) => [
    "The budget would be larger than a campaign can hold.",
    `At most ${moneyText(most, token)}.`,
  ],
  ZeroAddress: () => ["The receiver is the zero address.", "Give an address that somebody holds the key of."],
  WrongNativeAmount: ({ expected, sent }, token) => [
    `${moneyText(sent, token)} were sent instead of ${moneyText(expected, token)}.`,
    "Reload the page and try again.",
  ],
  WrongAmountArrived: () => [
    "The token delivered another amount than was sent: it takes a fee of its own.",
    "Such tokens cannot be used. Choose another.",
  ],
  NativeTransferFailed: ({ receiver }) => [
    `${shortAddress(receiver)} does not take the coin.`,
    "Name another receiver.",
  ],
  ConversionOutOfOrder: () => ["Another batch was attested first.", "Nothing to do: the relayer builds the next one."],
  NoConversions: () => ["The batch is empty.", "Nothing to do."],
  DeadlinePassed: ({ deadline }) => [`What was signed was valid until ${time(deadline)}.`, "Sign it again."],
  InvalidPeriod: () => [
    "The batch's period is not over, or ends before it begins.",
    "Nothing to do: the relayer builds another.",
  ],
  InvalidLineCount: ({ count, expected }) => [
    // What `pull` says of no batch at all: a line is expected for each of them.
    expected === 0n
      ? "Nothing was given to be settled."
      : `${count} ${count === 1n ? "line was" : "lines were"} given; there have to be ${expected}.`,
    "Reload the page and try again.",
  ],
  InsufficientBudget: ({ required, available }, token) => [
    `The budget has ${moneyText(available, token)}; ${moneyText(required, token)} are needed.`,
    "Top up the campaign, or name at most what there is.",
  ],
  DailyLimitExceeded: ({ required, remaining }, token) => [
    `Today's limit leaves ${moneyText(remaining, token)}; ${moneyText(required, token)} are needed.`,
    "Wait until tomorrow. A higher daily limit takes notice.",
  ],
  TooFewSignatures: ({ threshold, signatures }) => [
    `${signatures} of ${threshold} attesters signed.`,
    "The others have to sign as well.",
  ],
  AttestersOutOfOrder: () => ["The signatures are not in order.", "Reload the page and try again."],
  InvalidSignature: ({ signer }) => [
    `The signature is not ${shortAddress(signer)}'s.`,
    "Sign again with that account.",
  ],
  UnknownBatch: () => ["There is no such batch.", "Reload the page: it may have been reorganised away."],
  HoldOver: ({ releaseAt }) => [`The hold ended on ${time(releaseAt)}.`, "The commission is the partner's now."],
  HoldNotOver: ({ releaseAt }) => ["The hold is not over yet.", `Try again after ${time(releaseAt)}.`],
  TargetForOtherLine: () => ["The reversal names another line.", "Reload the page and try again."],
  LinesDifferFromBatch: () => [
    "The batch has changed meanwhile: a reversal lowered it.",
    "Reload the page and try again.",
  ],
  TotalDiffersFromBatch: () => [
    "The batch is not worth what its attestation says.",
    "The batch was made wrong. Collect the others without it.",
  ],
  MisplacedLines: ({ first, size }) => [
    `Lines are released ${size} at a time from a multiple of that; ${first} is none.`,
    "Reload the page and try again.",
  ],
  InvalidPath: ({ length, levels }) => [
    `The proof has ${length} bytes, which is no way through ${levels} levels.`,
    "Reload the page: it asks for the proof again.",
  ],
  BatchOfOtherCampaign: ({ campaignId }) => [
    `One of the batches is of another campaign, ${shortAddress(campaignId)}.`,
    "Collect each campaign's lines by themselves.",
  ],
  LineOfOtherPartner: ({ partner }) => [
    `One of the lines is ${shortAddress(partner)}'s.`,
    "Collect one partner's lines at a time.",
  ],
  UnknownLine: ({ index }) => [`The batch has no line ${index}.`, "Reload the page and try again."],
  NothingToPay: () => [
    "There is nothing to claim.",
    "Somebody may have claimed it for you already: look at your balance.",
  ],
  OptedOut: ({ owner }) => [
    `${shortAddress(owner)} does not want to be paid by others.`,
    "Only the owner itself can claim.",
  ],
  WrongNonce: () => ["This order was used or revoked.", "Sign a new one."],
  LockTooLong: ({ longest }) => [`A lock lasts ${durationText(longest)} at most.`, "Choose a shorter one."],
  PayoutLocked: ({ receiver, given }) => [
    `You locked where you are paid: ${shortAddress(receiver)}, and not ${shortAddress(given)}.`,
    "Claim to the locked address. A change of it takes effect after its lock.",
  ],
  ERC20InsufficientBalance: ({ balance, needed }, token) => [
    `The account has ${moneyText(balance, token)}; ${moneyText(needed, token)} are needed.`,
    "Get more of the token, or choose a smaller amount.",
  ],
  ERC20InsufficientAllowance: ({ allowance, needed }, token) => [
    `The contract may take ${moneyText(allowance, token)}; ${moneyText(needed, token)} are needed.`,
    "Close this and start again: the wallet asks to allow the amount first. Do not lower it there.",
  ],
  ERC2612ExpiredSignature: () => ["The permit's time is over.", "Sign it again."],
  ERC2612InvalidSigner: () => [
    "The permit was signed by another account.",
    "Switch to the account that is signed in here.",
  ],
  InvalidNonce: usedAlready,
  ERC3009UsedAuthorization: usedAlready,
  InvalidSigner: signedByAnother,
  InvalidContractSignature: signedByAnother,
  ERC3009InvalidSignature: signedByAnother,
  SignatureExpired: signedTooLongAgo,
  ERC3009InvalidAuthorizationTime: signedTooLongAgo,
  SafeERC20FailedOperation: () => [
    "The token refused the transfer.",
    "Check your balance and whether the token is paused or blocks the account.",
  ],
};

export const explainedErrors = Object.keys(SENTENCES);
