/**
 * Newest blocks as a node pushes them over a WebSocket (`eth_subscribe`, `newHeads`): then nobody has to ask. Where the connection is away
 * nothing is known here, and whoever wants a block asks the node, as without it.
 */
import { type Head, readHeader } from "./blocks.ts";

/** Blocks that are remembered: more than any node reorganises. */
const REMEMBERED = 512;

/** So long without a block the connection counts as dead, however open it looks. */
const SILENCE_MILLISECONDS = 60_000;

/** Before it is tried again, twice as long each time. */
const FIRST_PAUSE_MILLISECONDS = 1_000;
const LONGEST_PAUSE_MILLISECONDS = 60_000;

export interface HeadFeed {
  /** The newest block; undefined: the connection is away. */
  newest(): Head | undefined;
  /** The block with this number under the newest; undefined: it was not pushed. */
  at(number: number): Head | undefined;
  close(): void;
}

/** `logsOf`: a contract; each of its logs calls `onLog`, so that nobody waits for the next time to ask. */
export function openHeadFeed(url: string, logsOf: string, onLog: () => void): HeadFeed {
  const byHash = new Map<string, Head>();
  let newest: { readonly head: Head; readonly at: number } | undefined;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE_MILLISECONDS;
  let closed = false;

  function take(head: Head): void {
    byHash.set(head.hash, head);
    newest = { head, at: performance.now() };
    pause = FIRST_PAUSE_MILLISECONDS;
    for (const hash of byHash.keys()) {
      if (byHash.size <= REMEMBERED) break;
      byHash.delete(hash);
    }
  }

  function connect(): void {
    const opened = new WebSocket(url);
    socket = opened;
    /** By the id that the node gave the subscription, what a notification of it is. */
    const subscriptions = new Map<string, "newHeads" | "logs">();
    const asked = ["newHeads", "logs"] as const;
    opened.addEventListener("open", () => {
      const questions: unknown[][] = [["newHeads"], ["logs", { address: logsOf }]];
      for (const [id, params] of questions.entries())
        opened.send(JSON.stringify({ jsonrpc: "2.0", id, method: "eth_subscribe", params }));
      listen();
    });
    opened.addEventListener("message", ({ data }) => {
      const said = parse(data);
      const kind = asked[said.id ?? -1];
      if (kind !== undefined && typeof said.result === "string") subscriptions.set(said.result, kind);
      const of = subscriptions.get(said.params?.subscription ?? "");
      if (of === "logs") onLog();
      if (of !== "newHeads") return;
      const head = readHeader(said.params?.result);
      if (head === undefined) return opened.close();
      take(head);
      listen();
    });
    opened.addEventListener("close", again);
    // `close` follows, and says it.
    opened.addEventListener("error", () => {});

    function again(): void {
      clearTimeout(timer);
      newest = undefined;
      if (closed || socket !== opened) return;
      timer = setTimeout(connect, pause);
      timer.unref();
      pause = Math.min(LONGEST_PAUSE_MILLISECONDS, pause * 2);
    }

    /** A connection may break without a word. */
    function listen(): void {
      clearTimeout(timer);
      timer = setTimeout(() => {
        opened.close();
        again();
        socket = undefined;
      }, SILENCE_MILLISECONDS);
      timer.unref();
    }
  }

  connect();
  return {
    newest: () => newest?.head,
    at(number) {
      let head = newest?.head;
      while (head !== undefined && head.number > number) head = byHash.get(head.parent);
      return head?.number === number ? head : undefined;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

interface Said {
  readonly id?: number;
  readonly result?: unknown;
  readonly params?: { readonly subscription?: string; readonly result?: unknown };
}

/** What the other side sends may be anything: what is no answer says nothing. */
function parse(data: unknown): Said {
  try {
    const said: unknown = JSON.parse(String(data));
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return {};
  }
}
