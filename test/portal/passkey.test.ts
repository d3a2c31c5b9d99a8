import { type Assertion, accountSignature } from "@partner-programs/protocol/passkeyAccount";
import { expect } from "chai";
import { AbiCoder, randomBytes, toBeHex } from "ethers";
import { candidatesOf, decodeSignature } from "#portal/app/wallet/p256.ts";
import { softPasskey } from "../support/passkey.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const AUTH =
  "tuple(bytes authenticatorData, bytes clientDataJSON, uint256 challengeIndex, uint256 typeIndex, uint256 r, uint256 s)";

/** What a signature carries, as its account reads it. */
function read(signature: string) {
  const coder = AbiCoder.defaultAbiCoder();
  const [[ownerIndex, data]] = coder.decode(["tuple(uint256 ownerIndex, bytes signatureData)"], signature);
  return { ownerIndex, auth: coder.decode([AUTH], data)[0] };
}

describe("a passkey's signature", () => {
  const { key, assert } = softPasskey();

  it("tells its key among two, and two of them share no other", async () => {
    for (let i = 0; i < 8; i++) {
      const [first, second] = [
        await candidatesOf(assert(randomBytes(32))),
        await candidatesOf(assert(randomBytes(32))),
      ];
      expect(first).to.have.length(2).and.to.deep.include(key);
      const shared = first.filter(({ x, y }) => second.some((one) => one.x === x && one.y === y));
      expect(shared).to.deep.equal([key]);
    }
  });

  it("is given to the account with the lower of both numbers, and where its challenge is", () => {
    const given = assert(randomBytes(32));
    const low = given.s > ORDER / 2n ? ORDER - given.s : given.s;
    for (const s of [low, ORDER - low]) {
      const { ownerIndex, auth } = read(accountSignature({ ...given, s }));
      expect([ownerIndex, auth.r, auth.s]).to.deep.equal([0n, given.r, low]);
      const text = Buffer.from(given.clientDataJSON).toString();
      expect(text.slice(Number(auth.typeIndex))).to.match(/^"type":"webauthn.get"/);
      expect(text.slice(Number(auth.challengeIndex))).to.match(/^"challenge":"/);
    }
    const made: Assertion = { ...given, clientDataJSON: Buffer.from('{"type":"webauthn.create","challenge":"AA"}') };
    expect(() => accountSignature(made)).to.throw("The passkey's answer is no signature");
  });

  it("is read from what authenticators send (DER), and nothing else is", () => {
    const der = (number: string) => `02${(number.length / 2).toString(16).padStart(2, "0")}${number}`;
    const body = der(toBeHex(5n).slice(2)) + der(`00${toBeHex(ORDER - 2n).slice(2)}`);
    const whole = Buffer.from(`30${(body.length / 2).toString(16).padStart(2, "0")}${body}`, "hex");
    expect(decodeSignature(whole)).to.deep.equal({ r: 5n, s: ORDER - 2n });
    for (const wrong of [whole.subarray(1), Buffer.concat([whole, Buffer.from([0])]), Buffer.alloc(64, 1)])
      expect(() => decodeSignature(wrong)).to.throw();
  });
});
