import { readFileSync } from "node:fs";
import { campaignDescription, descriptionJsonSchema } from "@partner-programs/protocol/description";
import { expect } from "chai";
import { z } from "zod";

const plain = {
  version: 1,
  name: "Spring",
  summary: "",
  destination: "https://brand.example/welcome",
  attribution: { touch: "first", windowSeconds: 3_600, bindingSeconds: null },
  events: [{ name: "sale", title: "A sale", perCustomer: 1 }],
};
const event = (changes: object) => ({ ...plain, events: [{ ...plain.events[0], ...changes }] });

/** What is said of a description: "" if it is valid. */
function problem(description: unknown): string {
  const parsed = campaignDescription.safeParse(description);
  return parsed.success ? "" : z.prettifyError(parsed.error);
}

describe("a campaign's description", () => {
  it("has a published JSON Schema that is fresh; if not: node scripts/description-schema.ts", () => {
    const file = new URL("../../protocol/description.schema.json", import.meta.url);
    expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.equal(descriptionJsonSchema());
  });

  it("stays valid as it was first written, with defaults for what came later", () => {
    const example = new URL("../../scripts/campaign/example-description.json", import.meta.url);
    expect(problem(JSON.parse(readFileSync(example, "utf8")))).to.equal("");
    expect(campaignDescription.parse(plain)).to.deep.include({
      allowedOrigins: [],
      resources: [],
      promotions: [],
      fraud: { velocityPerHour: null },
    });
    expect(campaignDescription.parse(plain).events[0]?.perPartner).to.deep.equal([]);
  });

  it("takes origins, and nothing that only looks like one", () => {
    expect(problem({ ...plain, allowedOrigins: ["https://shop.example", "http://localhost:3000"] })).to.equal("");
    for (const origin of ["https://shop.example/", "https://shop.example/a", "javascript:alert(1)", "shop.example"])
      expect(problem({ ...plain, allowedOrigins: [origin] }), origin).to.contain("allowedOrigins");
  });

  it("takes limits, resources, promotions and fraud settings, and says what is wrong with them", () => {
    expect(
      problem(
        event({
          perPartner: [
            { conversions: 5, days: 1 },
            { volume: "10.5", days: 30 },
          ],
        }),
      ),
    ).to.equal("");
    expect(problem(event({ perPartner: [{ days: 30 }] }))).to.contain("neither `conversions` nor `volume`");
    expect(problem(event({ perPartner: [{ conversions: 5, days: 0 }] }))).to.contain("days");
    const resource = { title: "Banner", url: "https://brand.example/banner.png", kinds: ["affiliate", 5] };
    expect(problem({ ...plain, resources: [resource] })).to.equal("");
    expect(problem({ ...plain, resources: [{ ...resource, text: "both" }] })).to.contain("either `url` or `text`");
    expect(problem({ ...plain, resources: [{ ...resource, url: "javascript:alert(1)" }] })).to.contain("url");
    expect(problem({ ...plain, promotions: [{ kind: 5, conversions: 10, days: 30 }] })).to.equal("");
    expect(problem({ ...plain, promotions: [{ kind: 4, conversions: 10, days: 30 }] })).to.contain("kind");
    expect(problem({ ...plain, fraud: { velocityPerHour: 10 } })).to.equal("");
    expect(problem({ ...plain, fraud: { velocityPerHour: 0 } })).to.contain("velocityPerHour");
    expect(problem({ ...plain, surprise: true })).to.contain("surprise");
  });

  it("takes an event of a contract whose arguments are there", () => {
    const contract = {
      address: "0x1111111111111111111111111111111111111111",
      abi: "event Bought(address indexed buyer, uint256 price)",
      customer: "buyer",
      volume: "price",
    };
    expect(problem(event({ contract }))).to.equal("");
    expect(problem(event({ contract: { ...contract, customer: "price" } }))).to.contain(
      'no argument "price" of type address',
    );
    expect(problem(event({ contract: { ...contract, volume: "amount" } }))).to.contain('no argument "amount"');
    expect(problem(event({ contract: { ...contract, abi: "function buy()" } }))).to.contain("is not an event");
    expect(problem(event({ contract: { ...contract, address: "0x12" } }))).to.contain("must be an address");
  });
});
