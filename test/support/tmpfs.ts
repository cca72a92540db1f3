/** A tmpfs of a test's own: what is written to it is charged to the memcg of whoever writes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";

export interface TestTmpfs {
  readonly directory: string;
  /** Its files are gone with it. */
  unmount(): void;
}

/** Mounts one at a path that is not there yet. */
export function mountTmpfs(directory: string, options = "size=100%"): TestTmpfs {
  mkdirSync(directory);
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "none", directory]);
  return {
    directory,
    unmount() {
      execFileSync("umount", [directory]);
      rmdirSync(directory);
    },
  };
}
