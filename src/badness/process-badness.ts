/** The badness of a process, and where it comes from. Lower badness dies first. */
import type { ProcessRule, Settings } from "../config/types.ts";
import type { ProcessFacts } from "../hierarchy/live.ts";
import { compileGlob } from "./glob.ts";
import type { Sourced } from "./sourced.ts";
import { DEFAULT_SOURCE } from "./sourced.ts";

/** A value that was set while badnessd runs. */
export interface SetValue extends Sourced<number> {
  /** Nobody with root's rights had a hand in it: it never holds a process above what it would have without it. */
  readonly isCap?: boolean;
}

/** Values set while badnessd runs, by process identity; a process without one has what it inherits. */
export interface SetValues {
  get(pid: number, startTime: number, ppid: number): SetValue | undefined;
}

const NOTHING_SET: SetValues = { get: () => undefined };

interface CompiledRule {
  readonly result: Sourced<number>;
  matches(facts: ProcessFacts): boolean;
}

/** Gives each process its value: what was set at run time first, then the last rule that matches, the default. */
export class ProcessBadness {
  readonly #lastRuleFirst: readonly CompiledRule[];
  readonly #default: Sourced<number>;
  readonly #set: SetValues;

  constructor(rules: readonly ProcessRule[], settings: Settings, set: SetValues = NOTHING_SET) {
    this.#lastRuleFirst = rules.map(compileRule).reverse();
    this.#default = { value: settings.defaultBadness, source: DEFAULT_SOURCE };
    this.#set = set;
  }

  /** Asked on the hot path: without rules it reads nothing and makes nothing. */
  of(facts: ProcessFacts): Sourced<number> {
    const set = this.#set.get(facts.pid, facts.startTime, facts.ppid);
    if (set === undefined) return this.configured(facts);
    if (set.isCap !== true) return set;
    const configured = this.configured(facts);
    return set.value <= configured.value ? set : configured;
  }

  /** What it would have if nothing were set. */
  configured(facts: ProcessFacts): Sourced<number> {
    for (const rule of this.#lastRuleFirst) if (rule.matches(facts)) return rule.result;
    return this.#default;
  }
}

function compileRule({ match, badness, where }: ProcessRule): CompiledRule {
  const exe = match.exe === undefined ? null : compileGlob(match.exe);
  const memcg = match.memcg === undefined ? null : compileGlob(match.memcg);
  return {
    result: { value: badness, source: where },
    // What is known comes before what has to be read from /proc.
    matches: (facts) =>
      (match.comm === undefined || match.comm === facts.comm) &&
      (memcg === null || memcg.matches(facts.memcg)) &&
      (match.uid === undefined || match.uid === facts.uid()) &&
      (exe === null || exe.matches(withoutMark(facts.exe() ?? ""))),
  };
}

// The kernel adds this once a package manager has replaced the file; the process is still what it was.
function withoutMark(exe: string): string {
  return exe.replace(/ \(deleted\)$/, "");
}
