import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { network } from "hardhat";
import { deploy, fundingAddress, lensAddress, programsAddress } from "#scripts/deploy.ts";
import { readDeployment } from "#service/deployments.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { Funding__factory } from "#typechain/factories/periphery/Funding__factory.ts";

describe("deploying", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-deploy-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("puts the contracts at the addresses that every chain has, and says so in the file", async () => {
    const { ethers } = await network.create();
    const [signer] = await ethers.getSigners();
    if (signer === undefined) throw new Error("no account");
    const file = join(folder, "test.json");
    const deployed = await deploy(signer, "test", file, () => {});
    expect(deployed.contracts.PartnerPrograms.address).to.equal(programsAddress);
    expect(deployed.contracts.PartnerProgramsLens).to.deep.include({
      address: lensAddress,
      constructorArguments: [programsAddress],
    });
    expect(deployed.compiler.settings).to.include({ viaIR: true });
    expect(readDeployment(file)).to.deep.equal(deployed);
    expect(await PartnerProgramsLens__factory.connect(lensAddress, signer).programs()).to.equal(programsAddress);
    expect(deployed.contracts.Funding).to.deep.include({
      address: fundingAddress,
      constructorArguments: [programsAddress],
    });
    expect(await Funding__factory.connect(fundingAddress, signer).programs()).to.equal(programsAddress);
  });

  it("changes nothing the second time", async () => {
    const { ethers } = await network.create();
    const [signer] = await ethers.getSigners();
    if (signer === undefined) throw new Error("no account");
    const file = join(folder, "test.json");
    await deploy(signer, "test", file, () => {});
    const before = readFileSync(file, "utf8");
    const nonce = await signer.getNonce();
    await deploy(signer, "test", file, () => {});
    expect(readFileSync(file, "utf8")).to.equal(before);
    expect(await signer.getNonce()).to.equal(nonce);
  });

  it("finds what somebody else deployed, and the block since when it is there", async () => {
    const { ethers, networkHelpers } = await network.create();
    const [signer, other] = await ethers.getSigners();
    if (signer === undefined || other === undefined) throw new Error("no account");
    // One by one: blocks that Hardhat mines in bulk do not know the code that was there before.
    for (let i = 0; i < 7; i++) await networkHelpers.mine();
    const theirs = await deploy(other, "test", join(folder, "theirs.json"), () => {});
    for (let i = 0; i < 7; i++) await networkHelpers.mine();
    const ours = await deploy(signer, "test", join(folder, "ours.json"), () => {});
    expect(ours.contracts.PartnerPrograms).to.deep.equal({ ...theirs.contracts.PartnerPrograms, transaction: null });
    expect(await signer.getNonce()).to.equal(0);
  });
});
