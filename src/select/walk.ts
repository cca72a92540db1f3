import type { Memcg } from "../hierarchy/types.ts";
import { groupOf } from "./group.ts";
import { Standing } from "./standing.ts";
import type { Choice, Level, Policy, Victim } from "./types.ts";

/**
 * Ranks who dies when `root` is out of memory, best victim first: down the tree, and back up when a level is used up.
 * Returns, when nobody is left, how the level of `root` ended.
 *
 * The badness of `root` itself plays no part: only siblings, and the processes beside them, are compared.
 * What lies below a memcg is not looked at before its turn has come.
 */
export function* rank(root: Memcg, policy: Policy): Generator<Choice, Level> {
  if (root.kill === "group") return yield* rankGroup(root, []);
  const top = new Standing(root, policy);
  const path = [top];
  // A stack of our own: the depth of the tree is its owner's to choose.
  for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
    const candidate = here.advance();
    if (candidate === null) path.pop();
    else if (candidate.kind === "process") yield choice(path, { kind: "process", task: candidate.task });
    else if (candidate.memcg.kill === "group") yield* rankGroup(candidate.memcg, path);
    else path.push(new Standing(candidate.memcg, policy));
  }
  return top.level();
}

function* rankGroup(memcg: Memcg, path: readonly Standing[]): Generator<Choice, Level> {
  const { tasks, spared } = groupOf(memcg);
  const level: Level = { memcg, group: true, chosen: null, losers: spared };
  if (tasks.length > 0) yield choice(path, { kind: "memcg", memcg, tasks }, level);
  return level;
}

function choice(path: readonly Standing[], victim: Victim, ...below: Level[]): Choice {
  for (const standing of path) standing.markYielded();
  return { victim, levels: [...path.map((standing) => standing.level()), ...below] };
}
