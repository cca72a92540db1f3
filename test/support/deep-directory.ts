/** A directory so deep that no system call takes its path whole. */
import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";

export class DeepDirectory {
  readonly path: string;
  private readonly names: readonly string[];
  /** Of every level, the base first. */
  private readonly fds: number[];

  constructor(base: string, names: readonly string[]) {
    this.path = [base, ...names].join("/");
    this.names = names;
    this.fds = [openSync(base, "r")];
    for (const [level, name] of names.entries()) {
      mkdirSync(this.below(level, name));
      this.fds.push(openSync(this.below(level, name), "r"));
    }
  }

  write(name: string, text: string): void {
    writeFileSync(this.below(this.names.length, name), text);
  }

  mkdir(name: string): void {
    mkdirSync(this.below(this.names.length, name));
  }

  /** Removes everything below the base, which is to hold nothing else. */
  remove(): void {
    for (let level = this.names.length; level >= 0; level--) {
      for (const entry of readdirSync(this.below(level), { withFileTypes: true })) {
        if (entry.isDirectory()) rmdirSync(this.below(level, entry.name));
        else unlinkSync(this.below(level, entry.name));
      }
      closeSync(this.fds[level] ?? -1);
    }
  }

  private below(level: number, name = ""): string {
    return `/proc/self/fd/${this.fds[level]}/${name}`;
  }
}
