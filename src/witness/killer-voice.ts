/** From the kernel's messages to its kills: the summary of an OOM, which may be missing, and the line of the kill. */
import type { KernelMessage } from "../kernel/kmsg.ts";
import { isOomSummary, type OomCause, type Place, parseKilled, parsePlace } from "../kernel/parse/oom-messages.ts";

/** A kill that the kernel speaks of. */
export interface SpokenKill {
  readonly pid: number;
  readonly comm: string;
  readonly cause: OomCause;
  /** Null where the kernel left it out, as it does when there are many. */
  readonly place: Place | null;
}

/** Two paths of 4 KiB, each byte of which may be escaped. */
const LONGEST_SUMMARY = 40_000;

export class KillerVoice {
  readonly #isMemcg: (path: string) => boolean;
  #summary = "";

  /** `isMemcg` helps where a line can be read in several ways. */
  constructor(isMemcg: (path: string) => boolean) {
    this.#isMemcg = isMemcg;
  }

  /** The kill that this message tells of, or null. */
  hear({ text, isContinuation }: KernelMessage): SpokenKill | null {
    if (isOomSummary(text)) this.#summary = text;
    else if (isContinuation && this.#summary !== "") this.#continue(text);
    const killed = parseKilled(text);
    if (killed === null) return null;
    const place = this.#summary === "" ? null : parsePlace(this.#summary, killed, this.#isMemcg);
    // Each process is summed up once: the next kill without a summary is not to find this one.
    this.#summary = "";
    const said = place === null || place.oomMemcg !== null ? "memcg" : "system";
    return { pid: killed.pid, comm: killed.comm, cause: killed.cause ?? said, place };
  }

  #continue(text: string): void {
    if (this.#summary.length + text.length < LONGEST_SUMMARY) this.#summary += text;
  }
}
