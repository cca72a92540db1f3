import { minimatch } from "minimatch";
import { codeOf, listConfigNames, readConfigFile } from "../kernel/config-files.ts";
import type { Fault } from "./fault.ts";
import { decodeText } from "./text.ts";

/** Finds and reads configuration files, and keeps a record of what was looked at and what was wrong with it. */
export class Sources {
  readonly files = new Set<string>();
  readonly directories = new Set<string>();
  readonly faults: Fault[] = [];

  /** The files of a directory whose names match, in byte order; hidden ones, as editors leave them, only if asked for. */
  find(directory: string, nameGlob: string): string[] {
    this.directories.add(directory);
    try {
      const names = listConfigNames(directory).filter((name) => minimatch(name, nameGlob, AS_MEMCG_GLOBS));
      return names.map((name) => `${directory === "/" ? "" : directory}/${name}`);
    } catch (error) {
      this.#fault(directory, `cannot list it: ${codeOf(error)}`);
      return [];
    }
  }

  /** The text of a file; null if it does not exist, or for a fault that is on record then. */
  text(file: string): { readonly text: string | null; readonly isMissing: boolean } {
    this.files.add(file);
    const read = readConfigFile(file);
    if (read.kind === "missing") return { text: null, isMissing: true };
    if (read.kind === "refused") return this.#fault(file, `cannot read it: ${read.reason}`);
    const decoded = decodeText(file, read.bytes);
    if (typeof decoded === "string") return { text: decoded, isMissing: false };
    this.faults.push(decoded);
    return { text: null, isMissing: false };
  }

  #fault(file: string, message: string): { text: null; isMissing: false } {
    this.faults.push({ file, line: 1, column: 1, message });
    return { text: null, isMissing: false };
  }
}

const AS_MEMCG_GLOBS = { nobrace: true, noext: true, nonegate: true, nocomment: true } as const;
