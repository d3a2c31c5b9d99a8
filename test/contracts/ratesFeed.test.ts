import { expect } from "chai";
import { ethers } from "#test/support/programs.ts";
import { RatesFeed__factory } from "#typechain/factories/mocks/RatesFeed__factory.ts";

describe("RatesFeed, a feed of rates as a proxy shows it", () => {
  it("answers the rounds of each phase, carried over ones too, and reverts where there is none", async () => {
    const [deployer] = await ethers.getSigners();
    const feed = await new RatesFeed__factory(deployer).deploy(8, "EUR / USD");
    expect([await feed.decimals(), await feed.description()]).to.deep.equal([8n, "EUR / USD"]);
    await expect(feed.latestRoundData()).to.be.revertedWithCustomError(feed, "NoDataPresent");
    await feed.answer(110_000_000n, 1_000n);
    const first = (1n << 64n) | 1n;
    expect(await feed.latestRoundData()).to.deep.equal([first, 110_000_000n, 1_000n, 1_000n, first]);
    await feed.nextPhase();
    await feed.answerInRound(120_000_000n, 1_900n, 2_000n, first);
    const second = (2n << 64n) | 1n;
    expect(await feed.latestRoundData()).to.deep.equal([second, 120_000_000n, 1_900n, 2_000n, first]);
    expect(await feed.getRoundData(first)).to.deep.equal([first, 110_000_000n, 1_000n, 1_000n, first]);
    await expect(feed.getRoundData(first + 1n)).to.be.revertedWithCustomError(feed, "NoDataPresent");
  });
});
