/** The last decisions, each as a snapshot that `badnessctl explain --snapshot` replays: RUNTIME_DIR/decisions/N.yaml. */
import { ensureDirectory, listFiles, removeFile, replaceFile } from "../kernel/state-file.ts";

const MOST_FILES = 100;
/** The runtime directory is memory on most systems. */
const MOST_BYTES = 16 * 1024 * 1024;

interface Kept {
  readonly number: number;
  readonly bytes: number;
}

export class DecisionFiles {
  readonly #directory: string;
  readonly #mostBytes: number;
  /** Oldest first, those of earlier runs included. */
  readonly #kept: Kept[] = [];
  #bytes = 0;
  #next = 1;

  constructor(runtimeDir: string, mostBytes = MOST_BYTES) {
    this.#directory = `${runtimeDir}/decisions`;
    this.#mostBytes = mostBytes;
    this.#adopt();
  }

  /** Writes one and drops the oldest; null where it cannot be written, as on a full disk, or is too large. */
  keep(text: string): string | null {
    const kept = { number: this.#next, bytes: Buffer.byteLength(text) };
    if (kept.bytes > this.#mostBytes) return null;
    const file = this.#fileOf(kept);
    try {
      this.#makeRoom(kept.bytes);
      ensureDirectory(this.#directory);
      replaceFile(file, text);
    } catch {
      return null;
    }
    this.#add(kept);
    return file;
  }

  /** What earlier runs have left is still of use, and counts; what they did not finish is not. */
  #adopt(): void {
    const found: Kept[] = [];
    for (const { name, bytes } of listFiles(this.#directory)) {
      const number = /^([1-9]\d{0,14})\.yaml$/.exec(name)?.[1];
      if (number !== undefined) found.push({ number: Number(number), bytes });
      else if (/^[\d-]+\.yaml(\.new)?$/.test(name)) removeFile(`${this.#directory}/${name}`);
    }
    for (const kept of found.sort((a, b) => a.number - b.number)) this.#add(kept);
    this.#makeRoom(0);
  }

  #add(kept: Kept): void {
    this.#kept.push(kept);
    this.#bytes += kept.bytes;
    this.#next = kept.number + 1;
  }

  #makeRoom(bytes: number): void {
    while (this.#kept.length >= MOST_FILES || this.#bytes + bytes > this.#mostBytes) {
      const oldest = this.#kept.shift();
      if (oldest === undefined) return;
      this.#bytes -= oldest.bytes;
      removeFile(this.#fileOf(oldest));
    }
  }

  #fileOf({ number }: Kept): string {
    return `${this.#directory}/${number}.yaml`;
  }
}
