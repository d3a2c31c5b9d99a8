import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { lineKey, lowerLine, packLine, unpackLine } from "@partner-programs/protocol/line";
import { climb, LineTree } from "@partner-programs/protocol/lineTree";
import { conversionLeaf, conversionTree } from "@partner-programs/protocol/trees";
import {
  attestationTypedData,
  claimOrderTypedData,
  digestOf,
  payoutOrderTypedData,
  programsDomain,
  receiptTypedData,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import commissions from "../../protocol/vectors/commission.json" with { type: "json" };
import conversionTrees from "../../protocol/vectors/conversionTree.json" with { type: "json" };
import lines from "../../protocol/vectors/line.json" with { type: "json" };
import lineTrees from "../../protocol/vectors/lineTree.json" with { type: "json" };
import typedData from "../../protocol/vectors/typedData.json" with { type: "json" };

// test/solidity/Vectors.t.sol reads the same files and asks the contract's libraries.
describe("golden vectors", () => {
  describe("a line is packed, keyed and unpacked as written down", () => {
    for (const { name, packed, key, ...parts } of lines.packed) {
      it(name, () => {
        const { partner } = parts;
        const [offerId, count, volumeUnits] = [Number(parts.offerId), Number(parts.count), BigInt(parts.volumeUnits)];
        const line = { offerId, partner, count, volumeUnits };
        expect(packLine(line)).to.equal(packed);
        expect(lineKey(line)).to.equal(BigInt(key));
        expect(unpackLine(packed)).to.deep.equal(line);
      });
    }
  });

  describe("a line is lowered to its target as written down", () => {
    for (const { name, line, target, lowered } of lines.lowered) {
      it(name, () => {
        expect(packLine(lowerLine(unpackLine(line), unpackLine(target)))).to.equal(lowered);
      });
    }
  });

  describe("a batch's tree has the root, the total and the ways written down", () => {
    for (const { name, lines, worths, root, total, proven, path, first, height, chunkPath } of lineTrees) {
      it(name, () => {
        const tree = LineTree.of(lines.map((line, i) => ({ line: unpackLine(line), worth: BigInt(worths[i] ?? 0) })));
        const index = Number(proven);
        expect([tree.root, tree.total]).to.deep.equal([root, BigInt(total)]);
        expect(tree.proof(index)).to.deep.equal({ index, line: lines[index], path });
        const from = Number(first);
        const until = from + 2 ** Number(height);
        expect(tree.chunk(from, Number(height))).to.deep.equal({
          first: from,
          lines: lines.slice(from, until),
          path: chunkPath,
        });
        const leaf = { hash: lines[index] ?? "", sum: BigInt(worths[index] ?? 0) };
        expect(climb(index, leaf, path)).to.deep.equal({ hash: root, sum: BigInt(total) });
      });
    }
  });

  describe("conversions have the leaves, the root and the proofs written down", () => {
    for (const { name, root, conversions } of conversionTrees) {
      it(name, () => {
        const leaves = conversions.map(({ number, key, salt, entries }) => {
          return { number: BigInt(number), key, salt, entries: entries.map(unpackLine) };
        });
        expect(leaves.map(conversionLeaf)).to.deep.equal(conversions.map(({ leaf }) => leaf));
        const tree = conversionTree(leaves);
        expect(tree.root).to.equal(root);
        conversions.forEach(({ leaf, proof }, index) => {
          expect(tree.getProof(index)).to.deep.equal(proof);
          expect(SimpleMerkleTree.verify(root, leaf, proof)).to.equal(true);
        });
      });
    }
  });

  describe("a line is worth the commission and the fee written down", () => {
    for (const { name, line, flatAmount, rateBps, unitExponent, feeBps, commission, fee } of commissions) {
      it(name, () => {
        const offer = { flatAmount: BigInt(flatAmount), rateBps: Number(rateBps) };
        const campaign = { unitExponent: Number(unitExponent), feeBps: Number(feeBps) };
        const worth = commissionOfLineDown(unpackLine(line), offer, campaign);
        expect(worth).to.deep.equal({ commission: BigInt(commission), fee: BigInt(fee) });
      });
    }
  });

  describe("what is signed has the digest written down", () => {
    const domain = programsDomain(BigInt(typedData.chainId), typedData.programs);

    for (const { name, digest, ...given } of typedData.attestations) {
      it(`attestation: ${name}`, () => {
        const attestation = {
          ...given,
          firstConversion: BigInt(given.firstConversion),
          conversions: Number(given.conversions),
          periodFrom: Number(given.periodFrom),
          periodTo: Number(given.periodTo),
          deadline: Number(given.deadline),
          lineCount: Number(given.lineCount),
          total: BigInt(given.total),
        };
        expect(digestOf(domain, attestationTypedData(attestation))).to.equal(digest);
      });
    }

    for (const { name, digest, ...given } of typedData.reversals) {
      it(`reversal: ${name}`, () => {
        const reversal = { ...given, targets: given.targets.map(unpackLine) };
        expect(digestOf(domain, reversalTypedData(reversal))).to.equal(digest);
      });
    }

    for (const { name, digest, ...given } of typedData.claimOrders) {
      it(`claim order: ${name}`, () => {
        const order = { ...given, nonce: BigInt(given.nonce), deadline: BigInt(given.deadline) };
        expect(digestOf(domain, claimOrderTypedData(order))).to.equal(digest);
      });
    }

    for (const { name, digest, ...given } of typedData.payoutOrders) {
      it(`payout order: ${name}`, () => {
        const order = {
          ...given,
          lockSeconds: Number(given.lockSeconds),
          nonce: BigInt(given.nonce),
          deadline: BigInt(given.deadline),
        };
        expect(digestOf(domain, payoutOrderTypedData(order))).to.equal(digest);
      });
    }

    for (const { name, digest, ...given } of typedData.receipts) {
      it(`receipt: ${name}`, () => {
        const receipt = {
          ...given,
          receivedAt: Number(given.receivedAt),
          attestBy: Number(given.attestBy),
          entries: given.entries.map(unpackLine),
        };
        expect(digestOf(domain, receiptTypedData(receipt))).to.equal(digest);
      });
    }
  });
});
