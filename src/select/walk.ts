import type { Policy } from "../../policies/contract.ts";
import type { Memcg, Task } from "../hierarchy/types.ts";
import { groupOf } from "./group.ts";
import { type How, plainly } from "./how.ts";
import { orderOf } from "./order.ts";
import { everyProcess, matching, siblingsIn } from "./siblings.ts";
import { Standing } from "./standing.ts";
import type { Candidate, Choice, Level, Victim } from "./types.ts";

/**
 * Ranks who dies when `root` is out of memory, best victim first: down the tree, and back up when a level is used up.
 * Returns, when nobody is left, how the level of `root` ended.
 *
 * The badness of `root` itself plays no part: only siblings, and the processes beside them, are compared.
 * What lies below a memcg is not looked at before its turn has come.
 */
export function* rank(root: Memcg, policy: Policy, how: How = plainly(policy)): Generator<Choice, Level> {
  if (root.kill === "group") return yield* rankGroup(root, []);
  const stand = (memcg: Memcg, siblings: Iterable<Candidate>) =>
    new Standing(memcg, siblings, (candidates) => orderOf(policy, how, root, candidates));
  const walk = "evaluateTask" in policy ? "processes" : policy.walk;
  if (walk === "processes") return yield* rankProcesses(root, everyProcess(root, how.takesPart), stand);
  const first = how.takesPart === null ? siblingsIn(root) : matching(root, how.takesPart);
  return yield* rankLevels(stand(root, first), {
    down: (memcg) => stand(memcg, siblingsIn(memcg)),
    isUnit: (memcg) => memcg.kill === "group" || !how.recursive || (walk === "memcgs" && memcg.children.length === 0),
    // As oomd, lest an empty one that is preferred be chosen for ever.
    isEmpty: (memcg) => walk === "memcgs" && memcg.rssBytes === 0,
  });
}

/** What the walk has to know of a memcg that was taken. */
interface Ways {
  down(memcg: Memcg): Standing;
  isUnit(memcg: Memcg): boolean;
  isEmpty(memcg: Memcg): boolean;
}

function* rankLevels(top: Standing, ways: Ways): Generator<Choice, Level> {
  const path = [top];
  // A stack of our own: the depth of the tree is its owner's to choose.
  for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
    const candidate = here.advance();
    if (candidate === null) path.pop();
    else if (candidate.kind === "process") yield choice(path, { kind: "process", task: candidate.task });
    else if (!ways.isUnit(candidate.memcg)) path.push(ways.down(candidate.memcg));
    else if (ways.isEmpty(candidate.memcg)) here.markEmpty();
    else yield* rankGroup(candidate.memcg, path);
  }
  return top.level();
}

/** All processes stand on one level; who dies takes the group along that they belong to. */
function* rankProcesses(
  root: Memcg,
  groups: ReadonlyMap<Task, Memcg | null>,
  stand: (memcg: Memcg, siblings: Iterable<Candidate>) => Standing,
): Generator<Choice, Level> {
  const all = stand(
    root,
    Array.from(groups.keys(), (task) => ({ kind: "process", task })),
  );
  const killed = new Set<Memcg>();
  for (let candidate = all.advance(); candidate !== null; candidate = all.advance()) {
    if (candidate.kind === "memcg") continue;
    const group = groups.get(candidate.task) ?? null;
    if (group === null) yield choice([all], { kind: "process", task: candidate.task });
    else if (!killed.has(group)) yield* rankGroup(group, [all]);
    if (group !== null) killed.add(group);
  }
  return all.level();
}

function* rankGroup(memcg: Memcg, path: readonly Standing[]): Generator<Choice, Level> {
  const { tasks, spared } = groupOf(memcg);
  const level: Level = { memcg, group: true, chosen: null, why: "", losers: spared };
  if (tasks.length > 0) yield choice(path, { kind: "memcg", memcg, tasks }, level);
  return level;
}

function choice(path: readonly Standing[], victim: Victim, ...below: Level[]): Choice {
  for (const standing of path) standing.markYielded();
  return { victim, levels: [...path.map((standing) => standing.level()), ...below] };
}
