/**
 * A named place between two steps. With CRASH_AT set to its name the process kills itself there, as hard as `kill -9` does,
 * so that a test can prove that a restart goes on from any of them. Without CRASH_AT this does nothing.
 */
export function crashPoint(name: string): void {
  if (process.env.CRASH_AT === name) process.kill(process.pid, "SIGKILL");
}
