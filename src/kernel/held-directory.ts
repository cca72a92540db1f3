import { close } from "./libc.ts";
import { openDirectory, readText, statDirectory } from "./read.ts";

/** A cgroup's directory that is known again whatever becomes of its name. */
export class HeldDirectory {
  readonly #path: string;
  readonly #ino: bigint;
  readonly #fd: number;

  /** `ino`: what `path` must be, as the tree knows it. */
  constructor(path: string, ino: bigint) {
    this.#path = path;
    this.#ino = ino;
    this.#fd = openDirectory(path);
  }

  /** What its path stands for now: itself, nothing since it is removed, or something else since it has another name. */
  state(): "here" | "removed" | "renamed" {
    if (statDirectory(this.#path)?.ino === this.#ino) return "here";
    // It had gone before we could hold it: nothing says that nobody is in it.
    if (this.#fd < 0) return "renamed";
    return readText(`/proc/self/fd/${this.#fd}/cgroup.procs`) !== null ? "renamed" : "removed";
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd);
  }
}
