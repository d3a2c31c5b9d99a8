/** Wallets on phones: the links that open this page in one's own browser. Facts of their makers' documentation. */

/** Links that open this very page in a wallet's own browser, where the wallet stands in the page. */
export const pageLinks = (page: string): readonly { readonly name: string; readonly href: string }[] => [
  // MetaMask wants the address without its scheme, and as it is.
  { name: "MetaMask", href: `https://link.metamask.io/dapp/${page.replace(/^https?:\/\//, "")}` },
  { name: "Coinbase Wallet", href: `https://go.cb-w.com/dapp?cb_url=${encodeURIComponent(page)}` },
];

/** A phone or a tablet: what has a wallet has it as an app of its own there. */
export const isPhone = () => matchMedia("(pointer: coarse) and (hover: none)").matches;
