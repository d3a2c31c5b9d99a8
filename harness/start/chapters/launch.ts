/** Four brands lock their budgets. */
import { NATIVE } from "@partner-programs/protocol/native";
import { MaxUint256, parseUnits, Signature } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { type Draft, openCampaign } from "../../campaign.ts";
import { ATTESTER, localKey, type Person } from "../../people.ts";
import { draftCampaigns } from "../drafts.ts";
import type { OpenAct, Stage } from "../stage.ts";

export async function launch(
  stage: Stage,
): Promise<{ acts: [OpenAct, OpenAct, OpenAct]; alone: OpenAct; dollar: DemoToken }> {
  const { teller, cast } = stage;
  teller.chapter("Four brands lock their budgets");
  const dollar = await deployDollar(cast.deployer, [...cast.brands, cast.alone, ...cast.shops]);
  const acts: OpenAct[] = [];
  for (const draft of draftCampaigns(cast, await dollar.getAddress())) acts.push(await openAct(stage, dollar, draft));
  const [streamly, ledgerly, boxfresh, alone] = acts as [OpenAct, OpenAct, OpenAct, OpenAct];
  return { acts: [streamly, ledgerly, boxfresh], alone, dollar };
}

/** Opens the campaign of a draft, and funds it. */
export async function openAct(stage: Stage, dollar: DemoToken, draft: Draft): Promise<OpenAct> {
  const { stack, teller, cast, programs, send } = stage;
  const attester = localKey(ATTESTER).address;
  const where = { apiUrl: stack.apiUrl, programs, operator: cast.operator.address, attester, send };
  const opened = await openCampaign(where, draft, (campaignId) => fund(stage, dollar, campaignId, draft));
  teller.say(`${draft.title}: ${draft.summary}`);
  return { ...draft, ...opened, draft, links: new Map<string, string>() };
}

/** In three ways: the native coin, an approval, a signed permit. */
async function fund(stage: Stage, dollar: DemoToken, campaignId: string, draft: Draft): Promise<void> {
  const { cast, programs, send } = stage;
  const { title, brand, token, budget } = draft;
  if (token === NATIVE) {
    return send("fund", brand, `${title}, native coin`, (signer) =>
      programs.connect(signer).fund(campaignId, budget, { value: budget }),
    );
  }
  if (brand === cast.brands[0]) {
    await send("approve", brand, title, (signer) => dollar.connect(signer).approve(programs, budget));
    return send("fund", brand, title, (signer) => programs.connect(signer).fund(campaignId, budget));
  }
  const { v, r, s } = Signature.from(await signPermit(dollar, brand, await programs.getAddress(), budget));
  return send("fundWithPermit", brand, title, (signer) =>
    programs.connect(signer).fundWithPermit(campaignId, budget, MaxUint256, v, r, s),
  );
}

async function deployDollar(deployer: Person, holders: readonly Person[]): Promise<DemoToken> {
  const dollar = await new DemoToken__factory(deployer.signer).deploy("Demo Dollar", "DUSD", 6);
  await dollar.waitForDeployment();
  for (const { address } of holders) await (await dollar.mint(address, parseUnits("100000", 6))).wait();
  return dollar;
}

/** An ERC-2612 permit without an end. */
async function signPermit(token: DemoToken, owner: Person, spender: string, value: bigint): Promise<string> {
  const { name, version, chainId, verifyingContract } = await token.eip712Domain();
  return owner.wallet.signTypedData(
    { name, version, chainId, verifyingContract },
    {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    { owner: owner.address, spender, value, nonce: await token.nonces(owner.address), deadline: MaxUint256 },
  );
}
