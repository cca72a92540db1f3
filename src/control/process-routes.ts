/** What the control socket answers about single processes, and whom it lets set their badness. */
import { whyNotSet } from "../badness/may-set.ts";
import type { Priorities } from "../badness/priorities.ts";
import type { ProcessValues } from "../badness/process-values.ts";
import type { SetEntry } from "../badness/set-entry.ts";
import { badness as badnessValue } from "../config/values.ts";
import type { ProcessFacts } from "../hierarchy/live.ts";
import { processFacts } from "../hierarchy/process-facts.ts";
import { nowTicks, readStatus, whileAlive } from "../kernel/family.ts";
import type { ProcStatus } from "../kernel/parse/proc-status.ts";
import { type Asked, isRuler, Refused } from "./routes.ts";

/** What these routes ask of the daemon. */
export interface ProcessAnswers {
  readonly processes: ProcessValues;
  priorities(): Priorities;
}

/** A process as `badnessctl get --pid` shows it. */
export interface ProcessAnswer {
  readonly pid: number;
  readonly badness: number;
  readonly source: string;
}

/** `GET /processes?pid=N`, or without `pid` every value that is set or inherited. */
export function readProcesses({ query }: Asked, { processes, priorities }: ProcessAnswers): object {
  processes.refresh();
  const wanted = query.get("pid");
  if (wanted === null) return { processes: processes.entries() };
  const pid = parsePid(/^[1-9][0-9]{0,9}$/.test(wanted) ? Number(wanted) : wanted);
  return answer(existing(pid, processFacts), priorities());
}

/**
 * `POST /processes`, body `{pid, badness}`: an integer 0..10000, "never", or "default" to take a value away again. Without
 * `pid` it is the process that asks, as the kernel names it to us: in another pid namespace it knows itself by another.
 */
export function writeProcess(asked: Asked, { processes, priorities }: ProcessAnswers): ProcessAnswer {
  const { pid, badness } = parseBody(asked);
  processes.refresh();
  const { facts, status } = existing(pid, () => {
    const found = { facts: processFacts(pid), status: readStatus(pid) };
    return found.facts === null || found.status === null ? null : (found as Target);
  });
  if (status.tgid !== pid) throw new Refused(404, `${pid} is a thread of process ${status.tgid}`);
  const isRoot = isRuler(asked.peer);
  const present = priorities().process(facts).value;
  const wanted = badness ?? priorities().configured(facts).value;
  const why = whyNotSet({ pid, asker: { uid: asked.peer.uid, isRoot }, owner: status, present, wanted });
  if (why !== null) throw new Refused(403, why);
  if (!processes.hasRoom(status.realUid, { pid, isRoot })) throw new Refused(429, "too many processes have a value");
  processes.set(entryOf({ facts, status }, { badness, isRoot }, processes), facts);
  return answer(facts, priorities());
}

interface Target {
  readonly facts: ProcessFacts;
  readonly status: ProcStatus;
}

/** What is found out about one and the same process: its pid is nobody else's before this returns. */
function existing<T>(pid: number, read: (pid: number) => T | null): T {
  const found = whileAlive(pid, () => read(pid));
  if (found === null) throw new Refused(404, `there is no process ${pid}`);
  return found;
}

function entryOf(
  { facts: { pid, startTime, ppid }, status }: Target,
  { badness, isRoot }: { badness: number | null; isRoot: boolean },
  processes: ProcessValues,
): SetEntry {
  const before = processes.standing({ pid, startTime, ppid });
  // What root has set stays root's word when its owner lowers it: the policy files do not come back in.
  const isCap = !isRoot && (before === undefined || before.badness === null || before.isCap);
  return { pid, startTime, badness, since: nowTicks(), isCap, uid: status.realUid, inheritedFrom: null };
}

function answer(facts: ProcessFacts, priorities: Priorities): ProcessAnswer {
  const { value, source } = priorities.process(facts);
  return { pid: facts.pid, badness: value, source };
}

function parseBody({ body, peer }: Asked): { readonly pid: number; readonly badness: number | null } {
  if (typeof body !== "object" || body === null) throw new Refused(400, "expected an object with pid and badness");
  const { pid = peer.pid, badness } = body as Record<string, unknown>;
  return { pid: parsePid(pid), badness: badness === "default" ? null : parseBadness(badness) };
}

function parsePid(pid: unknown): number {
  if (typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0 && pid < 2 ** 31) return pid;
  throw new Refused(400, `expected a pid, got ${JSON.stringify(pid)}`);
}

function parseBadness(badness: unknown): number {
  // As text it is checked as everywhere else; 1e3 and 1000 are one number to JSON, and fine.
  const parsed = typeof badness === "number" || badness === "never" ? badnessValue.parse(`${badness}`) : null;
  if (parsed !== null && "value" in parsed) return parsed.value;
  throw new Refused(400, `expected ${badnessValue.expected} or "default", got ${JSON.stringify(badness)}`);
}
