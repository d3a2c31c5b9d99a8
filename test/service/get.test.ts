import { createServer as createHttp, type Server } from "node:http";
import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from "node:net";
import { expect } from "chai";
import { Hono } from "hono";
import { AT_ONCE, get, NoAnswer } from "#service/get.ts";
import { listen } from "#service/listen.ts";

const ANSWER = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok";

describe("asking over HTTP", () => {
  const servers: (TcpServer | Server)[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function open(server: TcpServer | Server): Promise<string> {
    servers.push(server);
    server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("asks again where a connection that was kept open is closed instead of answered", async () => {
    let connections = 0;
    const url = await open(
      createServer((socket) => {
        connections++;
        let requests = 0;
        // As one does that closes it for having been idle, just as the next request is on its way.
        socket.on("data", () => (requests++ === 0 ? socket.write(ANSWER) : socket.destroy()));
      }),
    );
    const bare = await fetch(url).then((response) => response.text());
    expect(bare).to.equal("ok");
    for (let i = 0; i < 5; i++) expect(await (await get(url, {}, AT_ONCE)).text()).to.equal("ok");
    expect(connections).to.be.greaterThan(1);
  });

  it("asks a server that is busy again, and takes its last word", async () => {
    let asked = 0;
    const url = await open(createHttp((_, response) => void response.writeHead(++asked < 3 ? 503 : 200).end("ready")));
    expect(await (await get(url, {}, [0, 0])).text()).to.equal("ready");
    asked = -10;
    expect((await get(url, {}, [0, 0])).status).to.equal(503);
    const missing = await open(createHttp((_, response) => void response.writeHead(404).end()));
    expect((await get(missing, {}, [])).status).to.equal(404);
  });

  it("says why nobody answered", async () => {
    const url = await open(createServer());
    const gone = servers.splice(0) as TcpServer[];
    await Promise.all(gone.map((server) => new Promise((resolve) => server.close(resolve))));
    const failure = await get(url, {}, [0]).catch((error: Error) => error);
    expect(failure).to.be.instanceOf(NoAnswer);
    expect((failure as Error).message).to.equal(`${url} does not answer: fetch failed (ECONNREFUSED)`);
  });

  it("serves on connections that stay open longer than whoever asks keeps them", async () => {
    const server = listen(
      new Hono().get("/", (c) => c.text("ok")),
      { HOST: "127.0.0.1", PORT: 0 },
    );
    servers.push(server as Server);
    await new Promise((resolve) => server.once("listening", resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(answer.headers.get("keep-alive")).to.equal("timeout=75");
    await answer.text();
    (server as Server).closeAllConnections();
  });
});
