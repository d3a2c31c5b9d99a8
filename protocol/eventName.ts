/** Names of events between text and the 24 bytes in which an offer holds them. */
import { dataSlice, toUtf8Bytes, toUtf8String, zeroPadBytes } from "ethers";

const LENGTH = 24;

/** An event's name as offers hold it: ASCII, left-aligned in 24 bytes. @throws RangeError if it does not fit. */
export function encodeEventName(name: string): string {
  const bytes = toUtf8Bytes(name);
  if (bytes.length === 0 || bytes.length > LENGTH || !/^[\x21-\x7e]+$/.test(name)) {
    throw new RangeError(
      `An event's name is 1 to ${LENGTH} printable ASCII characters without spaces; "${name}" is not.`,
    );
  }
  const padded = new Uint8Array(LENGTH);
  padded.set(bytes);
  return dataSlice(zeroPadBytes(padded, LENGTH), 0);
}

export function decodeEventName(bytes24: string): string {
  return toUtf8String(bytes24).replace(/\0+$/, "");
}
