import { expect } from "chai";
import { AbiCoder, getAddress, id, type Log, toUtf8Bytes } from "ethers";
import { readAnnounced } from "#portal/app/chain/campaign.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { openReaders } from "../support/eventReaders.ts";

const CONTRACT = PartnerPrograms__factory.createInterface();

describe("the portal's readers of the chain", () => {
  it("show an announced description whatever bytes its address is of", async () => {
    const campaignId = id("campaign");
    const { topicHash } = CONTRACT.getEvent("DescriptionAnnounced");
    const logs = [new Uint8Array([0x61, 0xff, 0x62]), toUtf8Bytes("https://a\0b.example/"), new Uint8Array()].map(
      (uri, i) =>
        ({
          topics: [topicHash, campaignId, id("text")],
          data: AbiCoder.defaultAbiCoder().encode(["bytes", "uint256"], [uri, i]),
          blockNumber: i,
          index: 0,
          transactionHash: id(String(i)),
        }) as unknown as Log,
    );
    const readers = await openReaders(
      { address: getAddress(`0x${"1".repeat(40)}`) },
      () => logs,
      () => logs.length,
    );
    try {
      await readers.read(campaignId);
      const announced = await readAnnounced(campaignId);
      expect(announced.map(({ uri }) => uri)).to.deep.equal(["a\u{FFFD}b", "https://a\0b.example/", ""]);
    } finally {
      readers.close();
    }
  });
});
