import { survives } from "#test/support/crash.ts";

// A conversion accepted, a batch signed, a transaction written down, broadcast.
survives(["accepted", "signed", "attest.written", "attest.broadcast"]);
