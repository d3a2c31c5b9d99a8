/** Names of events between text and the 24 bytes in which an offer holds them. */
import { dataSlice, getBytes, toUtf8Bytes, zeroPadBytes } from "ethers";

const LENGTH = 24;
const PRINTABLE = /^[\x21-\x7e]+$/;

/** An event's name as offers hold it: ASCII, left-aligned in 24 bytes. @throws RangeError if it does not fit. */
export function encodeEventName(name: string): string {
  const bytes = toUtf8Bytes(name);
  if (bytes.length === 0 || bytes.length > LENGTH || !PRINTABLE.test(name)) {
    throw new RangeError(
      `An event's name is 1 to ${LENGTH} printable ASCII characters without spaces; "${name}" is not.`,
    );
  }
  const padded = new Uint8Array(LENGTH);
  padded.set(bytes);
  return dataSlice(zeroPadBytes(padded, LENGTH), 0);
}

/**
 * The contract takes any 24 bytes. What is no name is shown as the bytes themselves, in hexadecimal: longer than any name, so that
 * it is never mistaken for one.
 */
export function decodeEventName(bytes24: string): string {
  const name = String.fromCharCode(...getBytes(bytes24)).replace(/\0+$/, "");
  return PRINTABLE.test(name) ? name : bytes24.toLowerCase();
}
