/** The contract's section 2 word for word: eager, slow, and written apart from the real one to be compared with it. */
import type { Memcg, Task } from "../../src/hierarchy/types.ts";

/** A victim in short: a pid, or a group's path with its pids. */
export type ShortVictim = number | string;

/** Every victim, best first. */
export function naiveRank(memcg: Memcg): ShortVictim[] {
  if (memcg.kill === "group") {
    const pids = killableBelow(memcg).map((task) => task.pid);
    return pids.length === 0 ? [] : [`${memcg.path} ${pids.sort((a, b) => a - b).join(",")}`];
  }
  const processes = memcg.tasks.filter(isKillable).map((task) => ({
    key: [task.badness, -task.rssBytes, 0, -task.startTime, -task.pid],
    victims: () => [task.pid] as ShortVictim[],
  }));
  const children = memcg.children.filter((child) => child.badness < 10_000 && killableBelow(child).length > 0);
  const memcgs = children.map((child) => ({
    key: [child.badness, -child.rssBytes, 1, ...bytesOf(child.path)],
    victims: () => naiveRank(child),
  }));
  const inOrder = [...processes, ...memcgs].sort((a, b) => lexicographic(a.key, b.key));
  return inOrder.flatMap((candidate) => candidate.victims());
}

function killableBelow(memcg: Memcg): Task[] {
  const open = memcg.children.filter((child) => child.badness < 10_000);
  return [...memcg.tasks.filter(isKillable), ...open.flatMap(killableBelow)];
}

function isKillable(task: Task): boolean {
  const isGone = task.state === "Z" || task.state === "X" || task.dying;
  const isProtected = task.badness === 10_000 || task.oomScoreAdj === -1000;
  return task.pid !== 1 && !task.kernelThread && !task.excluded && !isGone && !isProtected;
}

function bytesOf(path: string): number[] {
  return [...path].flatMap((character) => {
    const code = character.charCodeAt(0);
    return character.length === 1 && code >= 0xdc80 && code <= 0xdcff ? [code - 0xdc00] : [...Buffer.from(character)];
  });
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? -1) - (b[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
