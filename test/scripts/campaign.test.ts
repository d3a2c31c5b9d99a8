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
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";

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
    const lens = await new PartnerProgramsLens__factory(signer).deploy(programs);
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
        connect: async () => ({
          signer: signer as unknown as Signer,
          programs: await programs.getAddress(),
          lens: await lens.getAddress(),
        }),
      });
      return said.join("\n");
    };
    const create = async () => /0x[0-9a-f]{64}/.exec(await command(`create --file ${file}`))?.[0] ?? "";
    return { programs, lens, token, signer, partner, file, write, command, create, networkHelpers };
  }

  it("creates a campaign as its file says, and says it in words first", async () => {
    const { lens, command, file } = await setting();
    const text = await command(`create --file ${file}`);
    expect(text).to.contain('pays affiliates for "signup": 2.5 DUSD each');
    expect(text).to.contain('pays resellers for "invoice": 20 % of at most 10000.0 DUSD');
    expect(text).to.contain("commissions are held for 7 days; changes for the worse take 14 days");
    const id = /0x[0-9a-f]{64}/.exec(text)?.[0] ?? "";
    expect((await lens.campaign(id)).offerCount).to.equal(3);
    expect((await lens.offer(id, 1)).flatAmount).to.equal(parseUnits("2.5", 6));
    expect((await lens.attesterSet(id, 0)).threshold).to.equal(2);
  });

  it("funds in two steps where the contract may not take the tokens yet, and in one where it may", async () => {
    const { programs, lens, token, command, create } = await setting();
    const id = await create();
    expect(await command(`fund --campaign ${id} --amount 250.5`)).to.contain("step 2 of 2: fund");
    expect((await lens.campaign(id)).available).to.equal(parseUnits("250.5", 6));
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
    const { lens, partner, command, create, signer, networkHelpers } = await setting();
    const id = await create();
    await command(`fund --campaign ${id} --amount 100`);
    const offer = join(folder, "offer.json");
    writeFileSync(offer, JSON.stringify({ event: "renewal", kind: 63, flat: "1" }));
    await command(`append-offer --campaign ${id} --file ${offer}`);
    expect((await lens.offer(id, 4)).kind).to.equal(63);
    writeFileSync(offer, JSON.stringify({ event: "renewal", partner: partner.address, flat: "3" }));
    expect(await command(`append-offer --campaign ${id} --file ${offer}`)).to.contain(
      `pays ${partner.address} alone for "renewal": 3.0 DUSD each`,
    );
    const { kind, partner: alone } = await lens.offer(id, 5);
    expect([kind, alone]).to.deep.equal([255n, partner.address]);
    await command(`retire-offer --campaign ${id} --offer 4`);
    expect((await lens.offer(id, 4)).validTo).to.be.lessThan(2n ** 40n - 1n);
    expect((await lens.offer(id, 5)).validTo).to.equal(2n ** 40n - 1n);
    await command(`set-attesters --campaign ${id} --attesters ${partner.address},${signer.address} --threshold 2`);
    expect((await lens.attesterSet(id, 1)).members).to.have.members([partner.address, signer.address]);
    await command(`set-kinds --campaign ${id} --partners ${partner.address} --kinds affiliate,reseller,7,63`);
    // Open kinds that it does not have any more stay payable for the notice.
    const later = (await networkHelpers.time.latest()) + 14 * 86_400 + 1;
    expect(await lens.kindsOf(id, partner.address, later)).to.equal((1n << 63n) | 0b10000101n);
    const before = (await lens.campaign(id)).dailyLimit;
    expect(await command(`announce-daily-limit --campaign ${id} --amount none`)).to.contain("after 14 days");
    const limited = await lens.campaign(id);
    expect([limited.dailyLimit, limited.nextDailyLimit]).to.deep.equal([before, 2n ** 128n - 1n]);
    expect(limited.nextDailyLimitAt).to.equal(BigInt((await networkHelpers.time.latest()) + 14 * 86_400));
    await command(`suspend --campaign ${id}`);
    await command(`resume --campaign ${id}`);
    await command(`announce-withdrawal --campaign ${id} --amount 40`);
    await command(`cancel-withdrawal --campaign ${id}`);
    expect(await command(`announce-withdrawal --campaign ${id} --amount 30`)).to.contain("can lower it");
    // The example guarantees an offer: no withdrawal comes before.
    await networkHelpers.time.increaseTo(Date.parse("2028-01-01T00:00:00Z") / 1000);
    expect(await command(`withdraw --campaign ${id} --to ${partner.address}`)).to.contain("sends 30.0 DUSD");
    await command(`close --campaign ${id}`);
    expect((await lens.campaign(id)).closesAt).to.be.greaterThan(0);
    expect(await command(`transfer --campaign ${id} --to ${signer.address}`)).to.contain("can accept after 14 days");
    await networkHelpers.time.increase(14 * 86_400);
    await command(`accept --campaign ${id}`);
    expect((await lens.campaign(id)).brand).to.equal(signer.address);
  });

  it("says where the lines are, and what no hold means", async () => {
    const { lens, command, file, write } = await setting();
    expect(await command(`create --file ${file}`, false)).to.contain("every line is given to the chain");
    write({ linesOnChain: false });
    const text = await command(`create --file ${file}`);
    expect(text).to.contain("lines are kept by the relayer and the attesters");
    expect((await lens.termsOf(/0x[0-9a-f]{64}/.exec(text)?.[0] ?? "")).linesOnChain).to.equal(false);
    write({ holdSeconds: 0 });
    expect(await command(`create --file ${file}`, false)).to.contain("no refund takes it back");
  });

  it("sets where a partner is paid, locks it, and revokes what it signed", async () => {
    const { programs, lens, command, signer, partner } = await setting();
    expect(await command(`payout --to ${partner.address} --lock 86400`)).to.contain("from now on you are paid to");
    expect([...(await lens.receiverOf(signer))]).to.deep.equal([partner.address, 86_400n]);
    expect(await command(`payout --to ${signer.address} --lock 0`)).to.contain("after the lock in force, 1 days");
    expect([...(await lens.receiverOf(signer))]).to.deep.equal([partner.address, 86_400n]);
    const nonce = await programs.nonces(signer);
    await command("revoke-orders");
    expect(await programs.nonces(signer)).to.not.equal(nonce);
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
    await refuses("suspend", "Give --campaign. See");
    await refuses("set-attesters --threshold 2", "Give --campaign, --attesters. See");
    await refuses("payout", "Give --to, --lock. See");
    await refuses("suspend --campaign 0x12", "--campaign 0x12 must be a campaign id");
    await refuses(`fund --campaign ${id} --amount 1e3`, "--amount 1e3 must be a decimal number");
    await refuses(
      `set-kinds --campaign ${id} --partners ${signer.address} --kinds gold`,
      '"gold" is no kind',
      "affiliate",
    );
    await refuses(`set-kinds --campaign ${id} --partners ${signer.address} --kinds 64`, '"64" is no kind', "5 to 63");
    await refuses("payout --to 0x12 --lock 0", "--to 0x12 must be an address");
    await refuses(`payout --to ${signer.address} --lock 31536001`, "--lock 31536001 must be", "31536000 at most");
    await refuses(`resume --campaign ${id}`, "The contract would not do that: NotSuspended", "Nothing was sent");
    write({ noticeSeconds: 60, attesters: ["0x12"] });
    await refuses(`create --file ${file}`, "noticeSeconds", "attesters[0]", "must be an address");
    for (const whom of [{}, { kind: "affiliate", partner: signer.address }]) {
      write({ offers: [{ event: "signup", flat: "1", ...whom }] });
      await refuses(`create --file ${file}`, "give one of the two");
    }
    write({ offers: [{ event: "refund", kind: "affiliate", flat: "1" }] });
    await refuses(`create --file ${file}`, 'pays for "refund"', "does not describe");
    expect(await signer.getNonce()).to.equal(nonce);
  });

  it("has a line of help for every verb", () => {
    for (const [name, { help }] of Object.entries(VERBS)) expect(HELP).to.contain(name).and.to.contain(help);
  });
});
