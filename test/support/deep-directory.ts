/** A directory so deep that no system call takes its path whole. */
import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { toBytes } from "../../src/kernel/path.ts";

export class DeepDirectory {
  readonly path: string;
  readonly #names: readonly string[];
  /** Of every level, the base first. */
  readonly #fds: number[];

  constructor(base: string, names: readonly string[]) {
    this.path = [base, ...names].join("/");
    this.#names = names;
    this.#fds = [openSync(base, "r")];
    for (const [level, name] of names.entries()) {
      mkdirSync(this.#below(level, name));
      this.#fds.push(openSync(this.#below(level, name), "r"));
    }
  }

  write(name: string, text: string): void {
    writeFileSync(this.#below(this.#names.length, name), text);
  }

  mkdir(name: string): void {
    mkdirSync(this.#below(this.#names.length, name));
  }

  /** Removes it, and the files in it, up to the base. */
  remove(): void {
    for (let level = this.#names.length; level >= 0; level--) {
      const entries = readdirSync(this.#below(level), { withFileTypes: true, encoding: "buffer" });
      for (const entry of entries) {
        if (level === 0 && !entry.name.equals(toBytes(this.#names[0] ?? ""))) continue;
        const path = Buffer.concat([this.#below(level), entry.name]);
        if (entry.isDirectory()) rmdirSync(path);
        else unlinkSync(path);
      }
      closeSync(this.#fds[level] ?? -1);
    }
  }

  #below(level: number, name = ""): Buffer {
    return toBytes(`/proc/self/fd/${this.#fds[level]}/${name}`);
  }
}
