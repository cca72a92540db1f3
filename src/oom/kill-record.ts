/** What a kill leaves behind for others to find, as oomd leaves it: xattrs on the victim's memcg, and a line in the kernel's log. */
import { randomUUID } from "node:crypto";
import type { MemcgTree } from "../hierarchy/tree.ts";
import type { MemcgFacts } from "../hierarchy/types.ts";
import { writeKernelLog } from "../kernel/kmsg-write.ts";
import { readXattrs, writeXattr } from "../kernel/xattr.ts";
import type { Strike } from "../kill/kill.ts";
import { printable } from "../report/printable.ts";
import type { Victim } from "../select/types.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import type { Decision } from "./decide.ts";
import type { Rooms } from "./rooms.ts";

/** Root alone sees the first of each; the second is for the owner. */
const NAMESPACES = ["trusted", "user"] as const;

/** Written once the signals are out; what cannot be written is not missed. */
export function leaveRecord(rooms: Rooms, decision: Decision, victim: Victim, { struck, unheld }: Strike): void {
  const killed = struck.length + unheld.length;
  if (killed === 0) return;
  const memcg = victim.kind === "process" ? victim.task.memcg : victim.memcg.path;
  markMemcg(rooms.tree, memcg, killed);
  if (rooms.kmsg()) writeKernelLog(killLine(decision, memcg, victim));
}

function markMemcg(tree: MemcgTree, memcg: string, killed: number): void {
  const node = tree.find(memcg);
  if (node === null) return;
  const directory = tree.directoryOf(node);
  const uuid = randomUUID();
  for (const namespace of NAMESPACES) {
    try {
      add(directory, `${namespace}.oomd_ooms`, 1);
      add(directory, `${namespace}.oomd_kill`, killed);
      writeXattr(directory, `${namespace}.oomd_kill_uuid`, uuid);
    } catch {
      // It is removed, or this file system or user may not: `trusted` needs CAP_SYS_ADMIN.
    }
  }
}

function add(directory: string, name: string, count: number): void {
  const value = readXattrs(directory, [name])?.values.get(name);
  const before = value !== undefined && "text" in value ? Number.parseInt(value.text, 10) : 0;
  writeXattr(directory, name, `${(Number.isSafeInteger(before) ? before : 0) + count}`);
}

/** oomd's line: pressure, the memcg and its usage, and who decided; v1 has no pressure to tell. */
export function killLine({ by, hierarchy }: Pick<Decision, "by" | "hierarchy">, memcg: string, victim: Victim): string {
  const facts: Partial<MemcgFacts> = victim.kind === "memcg" ? victim.memcg.facts : hierarchy.facts;
  const { avg10, avg60, avg300 } = facts.memoryPressure ?? { avg10: 0, avg60: 0, avg300: 0 };
  const pressure = [avg10, avg60, avg300].map((share) => share.toFixed(2)).join(" ");
  const rssBytes = victimTasks(victim).reduce((sum, task) => sum + task.rssBytes, 0);
  // By now its memory is going: what was known before is what counts.
  const bytes = victim.kind === "memcg" ? (victim.memcg.knownRssCeilingBytes ?? rssBytes) : rssBytes;
  const where = `ruleset:[badnessd] detectorgroup:[${printable(hierarchy.path)}]`;
  return `oomd kill: ${pressure} ${printable(memcg)} ${bytes} ${where} killer:${by.policy.name} v2`;
}
