/** An ordinary user to whom a memcg was delegated, and what such a user can run. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { commandLine, type Ended } from "./commands.ts";

const XATTR = new URL("../../dist/src/kernel/xattr.js", import.meta.url).href;
/** For `node`: the ways to xattrs that the tenant's program begins with. */
const PRELUDE = `import { readXattrs, writeXattr, removeXattr } from ${JSON.stringify(XATTR)};
import fs from "node:fs";
const [directory] = process.argv.slice(1);
`;

export class Tenant {
  readonly uid: number;

  constructor(uid = 65_534) {
    this.uid = uid;
  }

  /** Delegates a directory, and nothing in it. */
  own(...directories: string[]): void {
    for (const directory of directories) chownSync(directory, this.uid, this.uid);
  }

  ctl(...args: string[]): Ended {
    return this.#run(commandLine("badnessctl", args));
  }

  /** Runs a program of the tenant's to its end; `directory` is where it may play. */
  run(code: string, directory: string): Ended {
    return this.#run([process.execPath, "--input-type=module", "-e", PRELUDE + code, directory]);
  }

  /** Starts one. */
  start(code: string, directory: string): ChildProcess {
    const args = ["--input-type=module", "-e", PRELUDE + code, directory];
    return spawn(process.execPath, args, { uid: this.uid, gid: this.uid, stdio: ["ignore", "pipe", "inherit"] });
  }

  #run([program = "", ...args]: readonly string[]): Ended {
    const result = spawnSync(program, args, { uid: this.uid, gid: this.uid, encoding: "utf8", timeout: 30_000 });
    return { code: result.status, stdout: result.stdout, stderr: result.stderr };
  }
}

/** Why no other user can run what is here, or null. */
export function whyNoTenant(): string | null {
  if (process.getuid?.() !== 0) return "only root can be somebody else";
  const { code, stderr } = new Tenant().run("", "/");
  return code === 0 ? null : `another user cannot run what is here: ${stderr.split("\n")[0]}`;
}
