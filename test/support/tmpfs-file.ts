/** Memory that anybody can free who may remove a file: charged to the memcg of whoever has written it. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmdirSync } from "node:fs";
import type { TestMemcgs } from "./memcgs.ts";
import { until } from "./wait.ts";

export class TmpfsFile {
  readonly path: string;
  readonly #mount: string;

  /** `mount`: a directory that is not there yet. */
  constructor(mount: string) {
    this.#mount = mount;
    this.path = `${mount}/file`;
    mkdirSync(mount);
    execFileSync("mount", ["-t", "tmpfs", "none", mount]);
    chmodSync(mount, 0o777);
  }

  /** Written by a process of a memcg, which ends with it. */
  async fill(memcgs: TestMemcgs, name: string, mib: number): Promise<void> {
    const writer = memcgs.spawn(name, "dd", "if=/dev/zero", `of=${this.path}`, "bs=1M", `count=${mib}`);
    await until("the file is written", () => writer.exitCode === 0);
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  remove(): void {
    execFileSync("umount", ["--lazy", this.#mount]);
    rmdirSync(this.#mount);
  }
}
