/** Ends the process with a message, without a stack: these are errors that an operator mends. */
export function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** Runs `stop` once when the process is asked to end; a second signal ends it at once. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const handle = () => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(() => process.exit(0), fail);
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
}
