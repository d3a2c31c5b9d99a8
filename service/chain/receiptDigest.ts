/** The digest of a receipt, fast: a relayer signs one for every conversion that it accepts. */
import { type PackedReceipt, receiptTypes } from "@partner-programs/protocol/typedData";
import { id, keccak256, type TypedDataDomain, TypedDataEncoder } from "ethers";

const WORD = 32;
const TYPE_HASH = id(TypedDataEncoder.from(receiptTypes).encodeType("Receipt"));

/**
 * The EIP-712 digest of receipts under one domain, as `digestOf` has it, in a fraction of its time: written out for this one
 * type, whose fields are a word each. A relayer signs a receipt for every conversion that it accepts.
 */
export function receiptDigester(domain: TypedDataDomain): (receipt: PackedReceipt) => Uint8Array {
  const struct = Buffer.alloc(7 * WORD);
  writeWord(struct, 0, TYPE_HASH);
  const signed = Buffer.alloc(2 + 2 * WORD);
  signed.writeUInt16BE(0x1901);
  writeWord(signed, 2, TypedDataEncoder.hashDomain(domain));

  return ({ campaignId, conversionKey, salt, receivedAt, attestBy, entries }) => {
    const packed = Buffer.alloc(entries.length * WORD);
    for (const [i, entry] of entries.entries()) writeWord(packed, i * WORD, entry);
    writeWord(struct, WORD, campaignId);
    writeWord(struct, 2 * WORD, conversionKey);
    writeWord(struct, 3 * WORD, salt);
    // uint40, in the last bytes of a word whose others stay zero.
    struct.writeUIntBE(receivedAt, 5 * WORD - 5, 5);
    struct.writeUIntBE(attestBy, 6 * WORD - 5, 5);
    writeWord(struct, 6 * WORD, keccak256(packed));
    writeWord(signed, 2 + WORD, keccak256(struct));
    return Buffer.from(keccak256(signed).slice(2), "hex");
  };
}

function writeWord(into: Buffer, at: number, word: string): void {
  if (word.length !== 2 + 2 * WORD || into.write(word.slice(2), at, "hex") !== WORD)
    throw new RangeError(`${word} is not 0x and 64 hexadecimal digits.`);
}
