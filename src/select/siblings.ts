/** Who stands beside whom. */
import { type Memcg, PROTECTED, type Task } from "../hierarchy/types.ts";
import type { Candidate } from "./types.ts";

/** The processes of a memcg, and the memcgs in it. */
export function* siblingsIn(memcg: Memcg): Generator<Candidate> {
  for (const task of memcg.tasks) yield { kind: "process", task };
  for (const child of memcg.children) yield { kind: "memcg", memcg: child };
}

/** Memcgs that were named, from `top` down, as if they were siblings; what is below a protected one does not count. */
export function* matching(top: Memcg, isNamed: (path: string) => boolean): Generator<Candidate> {
  for (const memcg of unprotected(top)) if (isNamed(memcg.path)) yield { kind: "memcg", memcg };
}

/** Every process of the subtree that nothing above it protects, with the topmost memcg that dies as one unit with it. */
export function everyProcess(top: Memcg, isNamed: ((path: string) => boolean) | null): Map<Task, Memcg | null> {
  const processes = new Map<Task, Memcg | null>();
  const pending = [{ memcg: top, group: null as Memcg | null, takesPart: isNamed === null }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { memcg } = next;
    const takesPart = next.takesPart || isNamed?.(memcg.path) === true;
    const group = next.group ?? (memcg.kill === "group" ? memcg : null);
    if (takesPart) for (const task of memcg.tasks) processes.set(task, group);
    for (const child of memcg.children) if (child.badness < PROTECTED) pending.push({ memcg: child, group, takesPart });
  }
  return processes;
}

function* unprotected(top: Memcg): Generator<Memcg> {
  const pending = [top];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    yield memcg;
    for (const child of memcg.children) if (child.badness < PROTECTED) pending.push(child);
  }
}
