/** The API's document as a page for people. */
import { createHash } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { html, raw } from "hono/html";

type Document = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
// biome-ignore lint/suspicious/noExplicitAny: a part of an OpenAPI document, as it is about to be written down
type Part = any;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8884; --soft: #8881 }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
nav a { margin-right: 1rem }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; padding: .3rem .8rem }
summary { cursor: pointer }
code, pre { font: .85rem/1.5 ui-monospace, monospace }
pre { overflow: auto; background: var(--soft); padding: .6rem }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700 }
.about { white-space: pre-line }
.note { opacity: .75 }
`;

/** What the browser is told to trust: this one style and nothing else. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The API's document as a page: no script, nothing from elsewhere. */
export function docsPage(document: Document) {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Part>).map(([method, operation]) => ({ path, method, operation })),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${document.info.title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>${document.info.title}</h1>
<p class="about">${document.info.description}</p>
<p>For tools: <a href="/v1/openapi.json">/v1/openapi.json</a> (OpenAPI ${document.openapi})</p>
<nav>${(document.tags ?? []).map(({ name }) => html`<a href="#${anchor(name)}">${name}</a>`)}<a href="#schemas">Schemas</a></nav>
${(document.tags ?? []).map(
  ({ name }) => html`<section id="${anchor(name)}"><h2>${name}</h2>
${operations.filter(({ operation }) => operation.tags?.includes(name)).map(operationPart)}</section>`,
)}
<section id="schemas"><h2>Schemas</h2>
${Object.entries(document.components?.schemas ?? {}).map(
  ([name, schema]) =>
    html`<details id="schema-${name}"><summary><code>${name}</code></summary>${schemaPart(schema)}</details>`,
)}</section>
</body>
</html>`;
}

function operationPart({ path, method, operation }: { path: string; method: string; operation: Part }) {
  const credentials = (operation.security as Record<string, unknown>[]).flatMap((one) => Object.keys(one));
  return html`<details id="${operation.operationId}"><summary><span class="method">${method.toUpperCase()}</span> <code>${path}</code> <span class="note">${operation.summary}</span></summary>
${operation.description === undefined ? "" : html`<p>${operation.description}</p>`}
<p class="note">${credentials.length === 0 ? "Needs no credential." : `Needs: ${credentials.join(" or ")}.`}</p>
${
  operation.parameters === undefined
    ? ""
    : html`<h4>Parameters</h4><table>${operation.parameters.map(
        (one: Part) =>
          html`<tr><td><code>${one.name}</code></td><td>${one.in}${one.required ? ", required" : ""}</td><td>${one.description ?? one.schema?.description ?? ""}${schemaPart(one.schema)}</td></tr>`,
      )}</table>`
}
${operation.requestBody === undefined ? "" : html`<h4>Body</h4>${contentPart(operation.requestBody.content)}`}
<h4>Answers</h4><table>${Object.entries(operation.responses as Record<string, Part>).map(
    ([status, one]) =>
      html`<tr><td><code>${status}</code></td><td>${one.description}</td><td>${contentPart(one.content)}</td></tr>`,
  )}</table>
</details>
`;
}

function contentPart(content: Record<string, Part> | undefined) {
  return Object.entries(content ?? {}).map(
    ([type, { schema }]) => html`<div><code>${type}</code> ${schema === undefined ? "" : schemaPart(schema)}</div>`,
  );
}

const NAME = /#\/components\/schemas\/([A-Za-z0-9_]+)/;

function schemaPart(schema: Part) {
  const name = typeof schema?.$ref === "string" ? NAME.exec(schema.$ref)?.[1] : undefined;
  if (name !== undefined) return html`<a href="#schema-${name}"><code>${name}</code></a>`;
  return html`<pre>${JSON.stringify(schema, null, 2)}</pre>`;
}

function anchor(name: string): string {
  return `tag-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
}
