import type { KillUnit } from "../hierarchy/types.ts";

/** The system-wide settings, one member for every key of badnessd.conf. */
export interface Settings {
  readonly enabled: boolean;
  /** Globs on memcg paths, in the spelling of src/badness/glob.ts. */
  readonly guard: readonly string[];
  readonly delayMs: number;
  readonly defaultBadness: number;
  /** Globs on file names. */
  readonly policyFiles: readonly string[];
  readonly dryRun: boolean;
  /** Tried in this order before anybody dies. */
  readonly relief: readonly ReliefStep[];
  readonly silent: SilentMode;
  /** Decides wherever the policy files name no other. */
  readonly policy: PolicyUse;
  /** Write a line for every kill to the kernel's log, as oomd does. */
  readonly kmsg: boolean;
  readonly livelock: LivelockMode;
  readonly system: SystemSettings;
  readonly log: LogSettings;
  readonly onKill: OnKillSettings;
  readonly metrics: { readonly listen: ListenAddress | null };
}

/** `host`: an IPv4 or IPv6 address. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What is done about charges that fail without an OOM notification. */
export type SilentMode = "report" | "handle";

/** What is done about a service that is started and killed again and again. */
export type LivelockMode = "report" | "wider" | "hand-back";

/** A command line for /bin/sh, none if it is "", and how long it may take. */
export interface OnKillSettings {
  readonly command: string;
  readonly timeoutMs: number;
}

/** From the least to the most that is said. */
export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogFormat = "human" | "json";

/** Checked text: `minAvailableBytes` of min-available.ts gives the number of the first two, `maxStall` is a share. */
export interface SystemSettings {
  readonly enabled: boolean;
  readonly minAvailable: string;
  readonly minFreeSwap: string;
  readonly maxStall: string;
}

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** What badnessd itself may do for an OOM memcg: have its cache reclaimed, or lend it at most so much for a while. */
export type ReliefStep = { readonly step: "reclaim" } | { readonly step: "lend"; readonly bytes: number };

/** A command that comes before a kill; /bin/sh reads it. */
export interface PreKill {
  readonly command: string;
  readonly timeoutMs?: number;
}

/** A policy as somebody wants it used. In one that is checked, every argument that was written has its type. */
export interface PolicyUse {
  /** One of policies/index.ts, or the absolute path of a module. */
  readonly name: string;
  readonly args: Readonly<Record<string, PolicyValue>>;
  /** Of a module: which version of it was checked. */
  readonly version?: string;
}

export type PolicyValue = string | number | boolean | readonly string[];

/** One entry under `memcgs:` of a policy file; a later one overrides an earlier one, key by key. */
export interface MemcgRule {
  readonly glob: string;
  readonly badness?: number;
  readonly kill?: KillUnit;
  readonly delayMs?: number;
  readonly relief?: readonly ReliefStep[];
  /** Asked when a choice falls into the memcg, for as long as its delay. */
  readonly handler?: { readonly command: string };
  readonly preKill?: PreKill;
  readonly policy?: PolicyUse;
  /** `FILE:LINE`, to say where a value comes from. */
  readonly where: string;
}

/** One entry under `processes:`; all keys of `match` must hold; a later one overrides. */
export interface ProcessRule {
  readonly match: {
    readonly comm?: string;
    readonly exe?: string;
    readonly uid?: number;
    readonly memcg?: string;
  };
  readonly badness: number;
  readonly where: string;
}

/** Everything that the configuration files say, checked as a whole. */
export interface Config {
  readonly settings: Settings;
  readonly memcgs: readonly MemcgRule[];
  readonly processes: readonly ProcessRule[];
  /** Every file that was read or looked for, to be watched. */
  readonly files: readonly string[];
  /** Every directory that was searched for files: one that appears there counts at the next reload. */
  readonly directories: readonly string[];
  /** What is no fault but worth a line in the log. */
  readonly notes: readonly string[];
}

/** What the command line of badnessd says. All paths are absolute. */
export interface Arguments {
  readonly configFile: string;
  readonly runtimeDir: string;
  /** Null: found from /proc/self/mountinfo. */
  readonly cgroupRoot: string | null;
  /** Check the configuration and the machine, and exit. */
  readonly check: boolean;
}

/** A configuration ready for use, or the exit code and the lines for standard error that stand instead. */
export type Compiled =
  | { readonly kind: "ready"; readonly arguments: Arguments; readonly config: Config }
  | { readonly kind: "exit"; readonly code: number; readonly faults: readonly string[] };
