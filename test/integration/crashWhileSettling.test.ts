import { survives } from "#test/support/crash.ts";

// Events indexed, a reversal written down, a release written down, broadcast, and before the next chunk of its batch.
survives(["indexed", "reverse.written", "release.written", "release.broadcast", "releasing"]);
