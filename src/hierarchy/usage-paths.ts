/**
 * Where the usage of the memcgs is that were compared last, as the kernel takes it: to spell twenty paths takes as long
 * as to read what is there. To keep the files themselves open would cost a descriptor each.
 */
import { readUsage, usagePath } from "../kernel/memcg.ts";

/** Some 150 bytes each; of more siblings the paths are spelled afresh. */
const KEPT = 256;

export class UsagePaths<Key extends object> {
  /** The one that came first is the first to go. */
  readonly #paths = new Map<Key, Uint8Array>();
  readonly #directoryOf: (memcg: Key) => string;

  constructor(directoryOf: (memcg: Key) => string) {
    this.#directoryOf = directoryOf;
  }

  /** memory.usage_in_bytes of a memcg, bytes; 0 once it is removed. */
  read(memcg: Key): number {
    return readUsage(this.#paths.get(memcg) ?? this.#spell(memcg));
  }

  forget(memcg: Key): void {
    this.#paths.delete(memcg);
  }

  #spell(memcg: Key): Uint8Array {
    const [oldest] = this.#paths.size < KEPT ? [] : this.#paths.keys();
    if (oldest !== undefined) this.#paths.delete(oldest);
    const path = usagePath(this.#directoryOf(memcg));
    this.#paths.set(memcg, path);
    return path;
  }
}
