/** The native coin as a token, for whoever needs no more of tokens than that. */

/** The native coin's name as a token (ERC-7528). */
export const NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE";

export const isNative = (token: string) => token.toLowerCase() === NATIVE.toLowerCase();

export const COIN = { symbol: "ETH", decimals: 18 };
