/** The folder that a local run keeps its state in, and who may use it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOCK = "pid";

/**
 * Takes the state folder for this run. The local chain begins anew with every start, so what an earlier run left is of no use:
 * it is removed, and said so. A run that is still there, or a folder that is not ours, is left alone.
 * @throws Error that says what is in the way and what to do.
 */
export function takeStateFolder(folder: string, say: (line: string) => void): () => void {
  const lock = join(folder, LOCK);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    if (!existsSync(lock))
      throw new Error(
        `${folder} is not empty and was not made by this program. Move it away, or set STATE_DIR to another folder.`,
      );
    const pid = Number(readFileSync(lock, "utf8"));
    if (isAlive(pid))
      throw new Error(`The local stack runs already (process ${pid}). Stop it with Ctrl-C there, or: kill ${pid}`);
    say(
      `An earlier run (process ${pid}) did not end cleanly. Its chain is gone, so its state in ${folder} is removed.`,
    );
    endOrphans(folder, say);
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(lock, String(process.pid), { flag: "wx" });
  return () => rmSync(folder, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Ends the children of a run that was killed before it could end them. */
function endOrphans(folder: string, say: (line: string) => void): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".pid"))) {
    const pid = Number(readFileSync(join(folder, file), "utf8"));
    if (!isAlive(pid) || !isOurs(pid)) continue;
    say(`Its ${file.replace(".pid", "")} (process ${pid}) is still there, and is ended.`);
    process.kill(pid, "SIGKILL");
  }
}

/** Whether the process runs one of our programs: its number may have gone to another program since. */
function isOurs(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  return /(relayer|attester|portal)\/main\.ts|hardhat.* node --network chain/.test(stdout ?? "");
}
