/** Reading the configuration again when a file changes, on SIGHUP, and when `sysctl -w` asks for it: whole or not at all. */
import { dirname } from "node:path";
import { watchNames } from "../kernel/name-watcher.ts";
import type { Watch } from "../kernel/poll.ts";
import { compileConfig } from "./load.ts";
import { applySysctlText, assignedKey, WRITTEN } from "./sysctl-file.ts";
import type { Config } from "./types.ts";

/** Saves that follow one another within this are one. */
const SETTLE_MS = 100;
/** However often files change, they are read no oftener than this. */
const SPACING_MS = 500;
const UNREADABLE = "the configuration cannot be read";
/** What these say is in other files, or is checked against them. */
const NEED_FILES = new Set(["oom.policy", "oom.policy_files"]);

export interface ReloaderOptions {
  /** The command line of badnessd. */
  readonly argv: readonly string[];
  /** A whole configuration that differs from the one before. */
  onConfig(config: Config): Promise<void>;
  /** Every fault as `FILE:LINE:COLUMN: what`; the running configuration stays. */
  onBroken(faults: readonly string[]): void;
}

export class Reloader {
  readonly #options: ReloaderOptions;
  #config: Config;
  #watch: Watch | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = 0;
  #overrides: readonly string[] = [];
  /** What is being read, if anything: one after the other. */
  #reading: Promise<readonly string[]> = Promise.resolve([]);

  constructor(config: Config, options: ReloaderOptions) {
    this.#config = config;
    this.#options = options;
    this.#watchFiles();
  }

  /** Reads the files soon, and what changes meanwhile with them. What `write` has set is gone then. */
  request(): void {
    const spacingMs = this.#lastMs + SPACING_MS - performance.now();
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        void this.#next(() => []).then((faults) => faults.length > 0 && this.#options.onBroken(faults));
      },
      Math.max(SETTLE_MS, spacingMs),
    );
  }

  /**
   * Sets `KEY = VALUE` over what the files say, until they are read again; over what is in force where they are broken.
   * Resolves to what is wrong; never rejects.
   */
  write(assignments: readonly string[]): Promise<readonly string[]> {
    return this.#next((before) => lastOfEachKey([...before, ...assignments]), assignments);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#watch?.stop();
  }

  #next(
    change: (before: readonly string[]) => readonly string[],
    written: readonly string[] = [],
  ): Promise<readonly string[]> {
    this.#reading = this.#reading.then(() => this.#read(change(this.#overrides), written));
    return this.#reading;
  }

  async #read(overrides: readonly string[], written: readonly string[]): Promise<readonly string[]> {
    this.#lastMs = performance.now();
    const compiled = await compileConfig([
      ...this.#options.argv,
      ...overrides.flatMap((assignment) => ["--override", assignment]),
    ]);
    if (compiled.kind === "ready") return this.#take(compiled.config, overrides);
    const faults = compiled.faults.length === 0 ? [UNREADABLE] : compiled.faults;
    const own = faults.filter((fault) => fault.startsWith(`${WRITTEN}:`));
    if (written.length === 0 || own.length > 0 || compiled.faults.length === 0) return own.length > 0 ? own : faults;
    const missing = written.map(assignedKey).filter((key) => NEED_FILES.has(key));
    if (missing.length > 0) return [`${missing.join(", ")} cannot be set while a file is broken: ${faults[0]}`];
    // What was written is fine: the files have been told as broken when they became so.
    const { settings } = applySysctlText(this.#config.settings, WRITTEN, written.join("\n"));
    return this.#take({ ...this.#config, settings }, overrides);
  }

  async #take(config: Config, overrides: readonly string[]): Promise<readonly string[]> {
    const isSame = JSON.stringify(config) === JSON.stringify(this.#config);
    this.#config = config;
    this.#overrides = overrides;
    this.#watchFiles();
    if (!isSame) await this.#options.onConfig(config);
    return [];
  }

  /** Directories rather than files: an editor puts a new file in the place of the old one. */
  #watchFiles(): void {
    const before = this.#watch;
    const { files, directories } = this.#config;
    const searched = new Set(directories);
    const known = new Set(files);
    const watched = new Set([
      ...files.map((file) => dirname(file)),
      ...directories,
      ...directories.map((each) => dirname(each)),
    ]);
    this.#watch = watchNames(watched, (directory, name) => {
      const path = directory === null ? null : `${directory}/${name}`;
      const concerns =
        directory === null || searched.has(directory) || known.has(path ?? "") || searched.has(path ?? "");
      // Where files are links into a directory that is swapped as a whole, only the swap shows.
      if (concerns || name.startsWith("..")) this.request();
    });
    // The new watch stands before the old one ends: no change falls between them.
    before?.stop();
  }
}

/** What was set again stands once: the list of a daemon that runs for years stays as short as that of its keys. */
export function lastOfEachKey(assignments: readonly string[]): readonly string[] {
  return [...new Map(assignments.map((assignment) => [assignedKey(assignment), assignment])).values()];
}
