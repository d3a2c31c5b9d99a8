// The campaigns' budgets, read from the relayer's public API and drawn again every few seconds.
const api = document.querySelector('meta[name="api-url"]').content;
const list = document.querySelector("#campaigns");
document.querySelector("#openapi").href = new URL("/v1/openapi.json", api).href;

const PARTS = [
  ["paid", "Claimed by partners"],
  ["credits", "Partners' to claim"],
  ["reserved", "In its hold"],
  ["fees", "Operator's fee"],
  ["available", "Available"],
];

/** Base units as a decimal number of whole tokens, in the reader's locale. */
function format(units, { tokenDecimals, tokenSymbol }) {
  const digits = units.padStart(tokenDecimals + 1, "0");
  const point = digits.length - tokenDecimals;
  const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(
    `${digits.slice(0, point)}.${digits.slice(point) || "0"}`,
  );
  return `${number} ${tokenSymbol}`;
}

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function card(campaign) {
  const { description, funded } = campaign;
  const total = BigInt(funded) || 1n;
  const bar = element("div", { className: "bar" });
  const numbers = element("dl", {});
  for (const [part, title] of PARTS) {
    const span = element("span", { className: part, title });
    span.style.width = `${Number((BigInt(campaign[part]) * 10_000n) / total) / 100}%`;
    bar.append(span);
    numbers.append(
      element(
        "div",
        {},
        element("dt", { className: part }, title),
        element("dd", {}, format(campaign[part], campaign)),
      ),
    );
  }
  bar.setAttribute("aria-hidden", "true");
  return element(
    "article",
    {},
    element("h2", {}, description?.name ?? campaign.id),
    element("p", {}, description?.summary ?? "Its description was not published here."),
    bar,
    numbers,
  );
}

async function show() {
  try {
    const response = await fetch(new URL("/v1/campaigns", api));
    if (!response.ok) throw new Error(`the relayer answers ${response.status}`);
    const campaigns = await response.json();
    list.replaceChildren(...(campaigns.length ? campaigns.map(card) : [element("p", {}, "There is no campaign yet.")]));
  } catch (error) {
    list.replaceChildren(
      element("p", {}, `The relayer at ${api} cannot be reached (${error.message}). This page tries again.`),
    );
  }
}

await show();
setInterval(show, 3_000);
