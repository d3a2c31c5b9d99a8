import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseUnits, type Signer } from "ethers";
import { network } from "hardhat";
import { HELP, run } from "#scripts/campaign/main.ts";
import { VERBS } from "#scripts/campaign/verbs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const EXAMPLES = new URL("../../scripts/campaign/", import.meta.url);

describe("a brand's command line", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-campaign-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A chain with the contract, a token, and a file that describes a campaign in it. */
  async function setting() {
    const { ethers, networkHelpers } = await network.create();
    const [signer, partner] = await ethers.getSigners();
    if (signer === undefined || partner === undefined) throw new Error("no account");
    const programs = await new PartnerPrograms__factory(signer).deploy();
    const token = await new DemoToken__factory(signer).deploy("Demo Dollar", "DUSD", 6);
    await token.mint(signer.address, parseUnits("1000", 6));
    const plan = JSON.parse(readFileSync(new URL("example.json", EXAMPLES), "utf8"));
    const file = join(folder, "campaign.json");
    const write = (changes: object = {}) =>
      writeFileSync(file, JSON.stringify({ ...plan, token: token.target, ...changes }));
    write();
    writeFileSync(join(folder, plan.description), readFileSync(new URL(plan.description, EXAMPLES)));

    const said: string[] = [];
    const command = async (line: string, answer = true) => {
      said.length = 0;
      await run([...line.split(" "), "--network", "test"], {
        say: (text) => said.push(text),
        confirm: async () => answer,
        connect: async () => ({ signer: signer as unknown as Signer, programs: await programs.getAddress() }),
      });
      return said.join("\n");
    };
    const create = async () => /0x[0-9a-f]{64}/.exec(await command(`create --file ${file}`))?.[0] ?? "";
    return { programs, token, signer, partner, file, write, command, create, networkHelpers };
  }

  it("creates a campaign as its file says, and says it in words first", async () => {
    const { programs, command, file } = await setting();
    const text = await command(`create --file ${file}`);
    expect(text).to.contain('pays affiliates for "signup": 2.5 DUSD each');
    expect(text).to.contain('pays resellers for "invoice": 20 % of at most 10000.0 DUSD');
    expect(text).to.contain("commissions are held for 7 days; changes for the worse take 14 days");
    const id = /0x[0-9a-f]{64}/.exec(text)?.[0] ?? "";
    expect((await programs.campaign(id)).offerCount).to.equal(3);
    expect((await programs.offer(id, 1)).flatAmount).to.equal(parseUnits("2.5", 6));
    expect((await programs.attesterSet(id, 0)).threshold).to.equal(2);
  });

  it("funds in two steps where the contract may not take the tokens yet, and in one where it may", async () => {
    const { programs, token, command, create } = await setting();
    const id = await create();
    expect(await command(`fund --campaign ${id} --amount 250.5`)).to.contain("step 2 of 2: fund");
    expect((await programs.campaign(id)).available).to.equal(parseUnits("250.5", 6));
    await token.approve(programs, parseUnits("10", 6));
    expect(await command(`fund --campaign ${id} --amount 10`)).to.contain("step 1 of 1: fund");
  });

  it("sends nothing in a dry run, or when the answer is no", async () => {
    const { signer, command, create } = await setting();
    const id = await create();
    const nonce = await signer.getNonce();
    expect(await command(`suspend --campaign ${id} --dry-run`)).to.contain("Nothing was sent.");
    expect(await command(`suspend --campaign ${id}`, false)).to.contain("Nothing was sent.");
    expect(await signer.getNonce()).to.equal(nonce);
  });

  it("carries every other verb to the contract", async () => {
    const { programs, partner, command, create, signer, networkHelpers } = await setting();
    const id = await create();
    await command(`fund --campaign ${id} --amount 100`);
    const offer = join(folder, "offer.json");
    writeFileSync(offer, JSON.stringify({ event: "renewal", kind: 7, flat: "1" }));
    await command(`append-offer --campaign ${id} --file ${offer}`);
    expect((await programs.offer(id, 4)).kind).to.equal(7);
    await command(`retire-offer --campaign ${id} --offer 4`);
    expect((await programs.offer(id, 4)).validTo).to.be.lessThan(2n ** 40n - 1n);
    await command(`set-attesters --campaign ${id} --attesters ${partner.address},${signer.address} --threshold 2`);
    expect((await programs.attesterSet(id, 1)).members).to.have.members([partner.address, signer.address]);
    await command(`set-kinds --campaign ${id} --partners ${partner.address} --kinds affiliate,reseller,7`);
    expect((await programs.kindsOf(id, partner.address)).mask).to.equal(0b10000101);
    await command(`set-daily-limit --campaign ${id} --amount none`);
    expect((await programs.campaign(id)).dailyLimit).to.equal(2n ** 128n - 1n);
    await command(`suspend --campaign ${id}`);
    await command(`resume --campaign ${id}`);
    await command(`announce-withdrawal --campaign ${id} --amount 40`);
    await command(`cancel-withdrawal --campaign ${id}`);
    await command(`announce-withdrawal --campaign ${id} --amount 30`);
    await networkHelpers.time.increase(14 * 86_400);
    expect(await command(`withdraw --campaign ${id} --to ${partner.address}`)).to.contain("sends 30.0 DUSD");
    await command(`close --campaign ${id}`);
    expect((await programs.campaign(id)).closesAt).to.be.greaterThan(0);
    await command(`transfer --campaign ${id} --to ${signer.address}`);
    await command(`accept --campaign ${id}`);
    expect((await programs.campaign(id)).brand).to.equal(signer.address);
  });

  it("says what is wrong with which value, and sends nothing", async () => {
    const { command, create, file, write, signer } = await setting();
    const id = await create();
    const nonce = await signer.getNonce();
    const refuses = async (line: string, ...parts: string[]) => {
      const error = await command(line).then(
        () => new Error("It did not fail."),
        (failure: Error) => failure,
      );
      for (const part of parts) expect(error.message).to.contain(part);
    };
    await refuses("fly", '"fly" is no verb', "create, fund");
    await refuses("suspend", "Give --campaign");
    await refuses("suspend --campaign 0x12", "--campaign 0x12 must be a campaign id");
    await refuses(`fund --campaign ${id} --amount 1e3`, "--amount 1e3 must be a decimal number");
    await refuses(
      `set-kinds --campaign ${id} --partners ${signer.address} --kinds gold`,
      '"gold" is no kind',
      "affiliate",
    );
    await refuses(`resume --campaign ${id}`, "The contract would not do that: NotSuspended", "Nothing was sent");
    write({ noticeSeconds: 60, attesters: ["0x12"] });
    await refuses(`create --file ${file}`, "noticeSeconds", "attesters[0]", "must be an address");
    write({ offers: [{ event: "refund", kind: "affiliate", flat: "1" }] });
    await refuses(`create --file ${file}`, 'pays for "refund"', "does not describe");
    expect(await signer.getNonce()).to.equal(nonce);
  });

  it("has a line of help for every verb", () => {
    for (const [name, { help }] of Object.entries(VERBS)) expect(HELP).to.contain(name).and.to.contain(help);
  });
});
