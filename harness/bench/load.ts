/** A client that asks a server as fast as it answers, and what it saw. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * Sends what `next` gives, over and over until it gives nothing more, on connections that each wait for their answer; gives the
 * milliseconds of every request. Sockets instead of an HTTP client: on the same machine a client costs more than the server it
 * measures. @throws Error if an answer has another status than `status`
 */
export async function ask(
  port: number,
  connections: number,
  next: () => Buffer | undefined,
  status: number,
): Promise<number[]> {
  const latencies: number[] = [];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket: Socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      await once(socket, "connect");
      await new Promise<void>((resolve, reject) => {
        let sentAt = 0;
        let answer = "";
        const send = () => {
          const request = next();
          sentAt = performance.now();
          if (request === undefined) {
            socket.end();
            resolve();
          } else socket.write(request);
        };
        socket.on("error", reject);
        socket.on("data", (data) => {
          answer += data.toString("latin1");
          if (!isComplete(answer)) return;
          if (!answer.startsWith(`HTTP/1.1 ${status} `)) {
            reject(new Error(`The server answered: ${answer.slice(0, 400)}`));
            return;
          }
          answer = "";
          latencies.push(performance.now() - sentAt);
          send();
        });
        send();
      });
    }),
  );
  return latencies;
}

/** Whether an answer is there to its end; a redirect has no body, but may say so by an empty chunk. */
function isComplete(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = answer.slice(0, end + 2);
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) return answer.endsWith("\r\n0\r\n\r\n");
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  return answer.length >= end + 4 + length;
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
