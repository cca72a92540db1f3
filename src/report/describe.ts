/** An event in words, for the log. */
import { describeRelief } from "./describe-relief.ts";
import type { Event, Steps, Victim } from "./events.ts";
import { holdingsLines } from "./holdings-lines.ts";
import { printable, printableLines, printableOom, printablePath } from "./printable.ts";
import { printSize } from "./sizes.ts";

/** One line, and for a decision the explanation below it. Names are safe to print. */
export function describeEvent(event: Event): string {
  switch (event.type) {
    case "ready":
      return `badnessd ${event.version} is ready: ${event.armed} memcgs armed`;
    case "stopped":
      return event.failed.length === 0
        ? `stopped holding memcgs: everything is as it was, ${event.restored} given back to the kernel's killer`
        : `stopped holding memcgs, but could not give back ${event.failed.map(printable).join(", ")}`;
    case "armed":
      return `armed ${printablePath(event.memcg)}, delay ${event.delayMs} ms`;
    case "disarmed":
      return `disarmed ${printablePath(event.memcg)}: ${printable(event.why)}`;
    case "oom":
      return `${printableOom(event.memcg)} is out of memory: ${sizes(event.usageBytes, event.limitBytes)}`;
    case "config":
      return ["the configuration has changed", ...event.changes.map(printable)].join("\n  ");
    case "fault":
      // An error names what it could not open, and that may be a path of somebody's choosing.
      return `${event.memcg === undefined ? "" : `${printablePath(event.memcg)}: `}${printableLines(event.what)}`;
    case "note":
      return printableLines(event.what);
    case "kernel-kill":
      return describeKernelKill(event);
    default:
      return describeOutcome(event);
  }
}

type Told = "ready" | "stopped" | "armed" | "disarmed" | "oom" | "config" | "fault" | "note" | "kernel-kill";
type Outcome = Exclude<Event, { type: Told }>;

function describeOutcome(event: Outcome): string {
  const memcg = printablePath(event.memcg);
  switch (event.type) {
    case "decision":
      return (
        indent(event.explanation) +
        (event.snapshot === null ? "" : `\n  Replay: badnessctl explain --snapshot ${event.snapshot}`)
      );
    case "kill":
      return describeKill(event);
    case "user-kill":
      return `user ${event.uid} had all of ${memcg} killed: ${event.victims.length} of them`;
    case "relief":
      return `${memcg}: ${describeRelief(event)}`;
    case "loan-returned":
      return `${memcg} has given back the ${printSize(event.bytes)} that it was lent ${ms(event.tookMs)} ago`;
    case "stuck":
      return `${names(event.victims)} did not die within ${event.waitedMs} ms`;
    case "relieved":
      return `${printableOom(event.memcg)} is relieved after ${ms(event.tookMs)}${event.steps === null ? "" : steps(event.steps)}; the kernel killed ${event.kernelKilled}`;
    case "silent-oom":
      return `${memcg} is full and charges fail without anybody waiting (${event.counter}): ${sizes(event.usageBytes, event.limitBytes)}\n${holdingsLines(event.holdings)}`;
    case "livelock":
      return describeLivelock(event);
    case "delay-expired":
      return `${memcg}: the delay of ${event.delayMs} ms is over; the kernel killed ${event.kernelKilled}`;
    case "no-victim":
      return `nobody in ${memcg} may be killed\n${indent(event.explanation)}`;
    case "unreclaimable":
      return `${printableOom(event.memcg)} is still full after ${event.killed} kills and nobody is left\n${holdingsLines(event.holdings)}`;
  }
}

function describeKill({ dryRun, victims, missed }: Extract<Event, { type: "kill" }>): string {
  const killed = victims.length === 0 ? [] : [`${dryRun ? "dry run, would kill" : "killed"} ${names(victims)}`];
  const others = missed.map((victim) => `could not kill ${names([victim])}: ${printable(victim.why)}`);
  return [...killed, ...others].join("\n");
}

const ACTIONS = {
  report: "nothing is done about it",
  wider: "all of its memcg dies with it until there has been no OOM for a minute",
  "hand-back": "the kernel's killer chooses until there has been no OOM for a minute",
};

function describeLivelock(event: Extract<Event, { type: "livelock" }>): string {
  const { comm, victimMemcg, kills, withinMs, livedMs, action } = event;
  const who = comm === null ? "a process" : printable(comm);
  const where = victimMemcg === null ? "" : ` of ${printablePath(victimMemcg)}`;
  const lives = livedMs.map((each) => `${(each / 1000).toFixed(1)} s`).join(", ");
  return (
    `${printableOom(event.memcg)}: ${who}${where} was started and killed ${kills} times` +
    ` in ${(withinMs / 1000).toFixed(1)} s, and lived ${lives}; ${ACTIONS[action]}`
  );
}

function describeKernelKill({ cause, memcg, oomMemcg, pid, comm }: Extract<Event, { type: "kernel-kill" }>): string {
  const who = pid === null ? "a process" : `process ${pid} (${printable(comm ?? "?")})`;
  const where = memcg === null ? "" : ` of ${printablePath(memcg)}`;
  const limit = oomMemcg === null ? "the limit of a memcg" : `the limit of ${printablePath(oomMemcg)}`;
  return `the kernel killed ${who}${where}: ${cause === "system" ? "the system was out of memory" : limit}`;
}

function names(victims: readonly Victim[]): string {
  const shown = victims.slice(0, 5).map(({ pid, comm, memcg, rssBytes }) => {
    return `process ${pid} (${printable(comm)}) of ${printablePath(memcg)}, ${printSize(rssBytes)}`;
  });
  const more = victims.length - shown.length;
  return shown.join("; ") + (more > 0 ? ` and ${more} more` : "");
}

function steps({ decidedMs, killedMs, goneMs, relievedMs }: Steps): string {
  return ` (decided ${ms(decidedMs)}, killed ${ms(killedMs)}, gone ${ms(goneMs)}, relieved ${ms(relievedMs)})`;
}

function sizes(usageBytes: number, limitBytes: number): string {
  return `${printSize(usageBytes)} of ${printSize(limitBytes)}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, "  ");
}
