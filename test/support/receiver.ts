/** A server that is told: a brand's, or a partner's. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** It keeps what it gets, and answers as `status` says. */
export async function openReceiver() {
  const got: Message[] = [];
  const receiver = {
    got,
    status: (_message: Message): number | "never" => 200,
    location: "",
    retryAfter: "",
    url: "",
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const message = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, text };
    got.push(message);
    const status = receiver.status(message);
    if (status !== "never")
      response
        .writeHead(status, {
          location: receiver.location,
          ...(receiver.retryAfter === "" ? {} : { "retry-after": receiver.retryAfter }),
        })
        .end("x".repeat(10_000));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails leaves it open.
  server.unref();
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}

/** Checks a message as the specification of Standard Webhooks tells its receivers to, with Web Crypto instead of our code. */
export async function verifyMessage({ headers, text }: Message, secret: string): Promise<boolean> {
  const key = await crypto.subtle.importKey(
    "raw",
    Buffer.from(secret.slice("whsec_".length), "base64"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`);
  const checked = String(headers["webhook-signature"])
    .split(" ")
    .map((signature) =>
      crypto.subtle.verify("HMAC", key, Buffer.from(signature.split(",")[1] ?? "", "base64"), signed),
    );
  return (await Promise.all(checked)).some(Boolean);
}
