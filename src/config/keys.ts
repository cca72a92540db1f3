/** Every key of badnessd.conf. Parsing, `badnessctl sysctl` and the documentation read this one table. */
import { listenAddress, printListenAddress } from "./listen-address.ts";
import { minAvailable } from "./min-available.ts";
import { policyWords, printPolicy } from "./policy-words.ts";
import { printReliefSteps, reliefSteps } from "./relief-steps.ts";
import type { Settings } from "./types.ts";
import type { Parsed, ValueType } from "./values.ts";
import {
  badness,
  commandLine,
  flag,
  livelockMode,
  logFormat,
  logLevel,
  milliseconds,
  share,
  silentMode,
  timeout,
} from "./values.ts";
import { fileGlobList, globList, printWords } from "./words.ts";

/** What holds as long as no file says otherwise. */
export const DEFAULTS: Settings = {
  enabled: true,
  guard: [],
  delayMs: 10_000,
  defaultBadness: 5000,
  policyFiles: ["/etc/badnessd/policies/*.yaml"],
  dryRun: false,
  relief: [],
  silent: "report",
  policy: { name: "strict-priority", args: {} },
  kmsg: false,
  livelock: "report",
  system: { enabled: true, minAvailable: "4%", minFreeSwap: "10%", maxStall: "60%" },
  log: { level: "info", format: "human" },
  onKill: { command: "", timeoutMs: 10_000 },
  metrics: { listen: null },
};

/** One key: its name, what it takes and what it is for. */
export interface Key {
  readonly name: string;
  readonly expected: string;
  readonly summary: string;
  /** The value in these settings, as a file would say it. */
  print(settings: Settings): string;
  /** These settings with the value that the text stands for. */
  apply(settings: Settings, text: string): Parsed<Settings>;
}

/** The table, in the order in which it is shown. */
export const KEYS: readonly Key[] = [
  key("oom.enabled", flag, "arm memcgs and act; 0 leaves every OOM to the kernel", {
    get: (settings) => settings.enabled,
    set: (settings, enabled) => ({ ...settings, enabled }),
    print: printFlag,
  }),
  key("oom.guard", globList, "memcgs to arm, those that appear later too", {
    get: (settings) => settings.guard,
    set: (settings, guard) => ({ ...settings, guard }),
    print: printWords,
  }),
  key("oom.delay_ms", milliseconds, "how long userspace has before the kernel's killer is let loose again", {
    get: (settings) => settings.delayMs,
    set: (settings, delayMs) => ({ ...settings, delayMs }),
    print: String,
  }),
  key("oom.default_badness", badness, "badness of whatever nothing else gives one", {
    get: (settings) => settings.defaultBadness,
    set: (settings, defaultBadness) => ({ ...settings, defaultBadness }),
    print: String,
  }),
  key("oom.policy_files", fileGlobList, "YAML files with badness for memcgs and processes", {
    get: (settings) => settings.policyFiles,
    set: (settings, policyFiles) => ({ ...settings, policyFiles }),
    print: printWords,
  }),
  key("oom.dry_run", flag, "decide and report, but kill nobody", {
    get: (settings) => settings.dryRun,
    set: (settings, dryRun) => ({ ...settings, dryRun }),
    print: printFlag,
  }),
  key("oom.relief", reliefSteps, "what is tried before anybody dies: reclaim, lend:AMOUNT, or none", {
    get: (settings) => settings.relief,
    set: (settings, relief) => ({ ...settings, relief }),
    print: printReliefSteps,
  }),
  key("oom.silent", silentMode, "an OOM in which charges fail and nobody waits: report it, or handle it by killing", {
    get: (settings) => settings.silent,
    set: (settings, silent) => ({ ...settings, silent }),
    print: String,
  }),
  key("oom.policy", policyWords, "who decides, wherever the policy files name no other: NAME, then KEY=VALUE", {
    get: (settings) => settings.policy,
    set: (settings, policy) => ({ ...settings, policy }),
    print: printPolicy,
  }),
  key("oom.kmsg", flag, "a line in the kernel's log for every kill, as oomd writes it", {
    get: (settings) => settings.kmsg,
    set: (settings, kmsg) => ({ ...settings, kmsg }),
    print: printFlag,
  }),
  key(
    "oom.livelock",
    livelockMode,
    "a service killed and started again and again: report, kill its memcg, or hand back",
    {
      get: (settings) => settings.livelock,
      set: (settings, livelock) => ({ ...settings, livelock }),
      print: String,
    },
  ),
  key("oom.system.enabled", flag, "act on a system-wide OOM, from / down, before the kernel must", {
    get: (settings) => settings.system.enabled,
    set: (settings, enabled) => ({ ...settings, system: { ...settings.system, enabled } }),
    print: printFlag,
  }),
  key("oom.system.min_available", minAvailable, "less available memory than this is a system-wide OOM", {
    get: (settings) => settings.system.minAvailable,
    set: (settings, amount) => ({ ...settings, system: { ...settings.system, minAvailable: amount } }),
    print: String,
  }),
  key("oom.system.min_free_swap", minAvailable, "as long as more swap than this is free, it is none", {
    get: (settings) => settings.system.minFreeSwap,
    set: (settings, amount) => ({ ...settings, system: { ...settings.system, minFreeSwap: amount } }),
    print: String,
  }),
  key("oom.system.max_stall", share, "unless everybody waits for memory for this share of the time", {
    get: (settings) => settings.system.maxStall,
    set: (settings, maxStall) => ({ ...settings, system: { ...settings.system, maxStall } }),
    print: String,
  }),
  key("oom.on_kill", commandLine, "run with /bin/sh after a kill, with the event as JSON on standard input", {
    get: (settings) => settings.onKill.command,
    set: (settings, command) => ({ ...settings, onKill: { ...settings.onKill, command } }),
    print: String,
  }),
  key("oom.on_kill_timeout_ms", timeout, "how long oom.on_kill may take before it is killed", {
    get: (settings) => settings.onKill.timeoutMs,
    set: (settings, timeoutMs) => ({ ...settings, onKill: { ...settings.onKill, timeoutMs } }),
    print: String,
  }),
  key("oom.metrics.listen", listenAddress, "where GET /metrics is answered over TCP; a bare port is one of 127.0.0.1", {
    get: (settings) => settings.metrics.listen,
    set: (settings, listen) => ({ ...settings, metrics: { listen } }),
    print: printListenAddress,
  }),
  key("oom.log.level", logLevel, "the least that is worth a line in the log", {
    get: (settings) => settings.log.level,
    set: (settings, level) => ({ ...settings, log: { ...settings.log, level } }),
    print: String,
  }),
  key("oom.log.format", logFormat, "the log in words, or one JSON object a line", {
    get: (settings) => settings.log.format,
    set: (settings, format) => ({ ...settings, log: { ...settings.log, format } }),
    print: String,
  }),
];

/** The key of this name; slashes for dots are taken, as sysctl takes them. */
export function findKey(name: string): Key | undefined {
  const dotted = name.replaceAll("/", ".");
  return KEYS.find((each) => each.name === dotted);
}

interface Place<T> {
  get(settings: Settings): T;
  set(settings: Settings, value: T): Settings;
  print(value: T): string;
}

function key<T>(name: string, type: ValueType<T>, summary: string, place: Place<T>): Key {
  return {
    name,
    expected: type.expected,
    summary,
    print: (settings) => place.print(place.get(settings)),
    apply: (settings, text) => {
      const parsed = type.parse(text);
      return "wrong" in parsed ? parsed : { value: place.set(settings, parsed.value) };
    },
  };
}

function printFlag(on: boolean): string {
  return on ? "1" : "0";
}
