/** Who asks for a link: only a person's visit is a click. */
export type Visitor = "person" | "prefetch" | "bot";

/**
 * What programs that fetch links say they are: previews in messengers and networks, crawlers, HTTP libraries. Browsers inside
 * apps (Instagram, Facebook, LinkedIn…) are people. A person taken for a bot costs a partner a commission, so the list is of
 * names that no browser has. CUBOT makes telephones.
 */
const BOTS = new RegExp(
  [
    "(?<!cu)bot(?:\\b|_)|crawl|spider|slurp|preview\\b|facebookexternalhit|facebookcatalog|meta-external|^whatsapp/|^viber|embedly",
    "iframely|vkshare|cardyb|mastodon/|-user/\\d|w3c_validator|mediapartners-google|google-(?:inspection|read|safety|site)|googleother",
    "headlesschrome|phantomjs|lighthouse|pingdom|statuscake",
    "^(?:curl|wget|python|go-http-client|java|ruby|http\\.rb|perl|libwww|okhttp|axios|node-fetch|undici|got|httpie|postman|php|guzzle)",
  ].join("|"),
  "i",
);

/** Who asks, by what the request says of itself. `header` gives the value of a header, whose name is lower case. */
export function visitorOf(header: (name: string) => string | undefined): Visitor {
  const agent = header("user-agent");
  if (agent !== undefined && BOTS.test(agent)) return "bot";
  const purpose = header("sec-purpose") ?? header("purpose") ?? header("x-moz") ?? header("x-purpose");
  return purpose !== undefined && /^(prefetch|preview)\b/i.test(purpose.trim()) ? "prefetch" : "person";
}
