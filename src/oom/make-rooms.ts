import type { Priorities } from "../badness/priorities.ts";
import { ranksOf } from "../badness/ranks.ts";
import type { Settings } from "../config/types.ts";
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import type { Held, Hold } from "../hold/hold.ts";
import { InFlight } from "../kill/in-flight.ts";
import { Livelock } from "../livelock/livelock.ts";
import { PoliciesInForce } from "../policy/in-force.ts";
import { DecisionFiles } from "../report/decision-files.ts";
import { isWanted } from "../system/limits.ts";
import { Pauses } from "./pauses.ts";
import type { Rooms } from "./rooms.ts";

export interface RoomsOptions extends Pick<Rooms, "tree" | "hold" | "reporter" | "books" | "relief" | "dryRun"> {
  readonly runtimeDir: string;
  readonly failsafe: { readonly pid: number; clear(held: Held): void };
  /** What decides now about memcgs and processes. */
  inForce(): Priorities;
}

/** The rooms that every OOM of a handler leads through, with those in them that no other part of it needs. */
export function makeRooms({ runtimeDir, failsafe, inForce, ...rooms }: RoomsOptions): Rooms {
  const { tree, hold, reporter } = rooms;
  const settings = () => inForce().config.settings;
  const isOwn = (pid: number) => pid === process.pid || pid === failsafe.pid;
  const livelock = new Livelock(reporter, () => settings().livelock);
  const ranks = livelock.widen(ranksOf(inForce, isOwn));
  return {
    ...rooms,
    ranks,
    livelock,
    inFlight: new InFlight(),
    policies: new PoliciesInForce({ tree, ranks, reporter, tops: () => topsOf(tree, hold, settings()) }),
    pauses: new Pauses(),
    kmsg: () => settings().kmsg,
    decisionFiles: new DecisionFiles(runtimeDir),
    clearFailsafe: (held) => failsafe.clear(held),
  };
}

/** Where an OOM may come up that is ours: in what is held, and on the machine. */
function* topsOf(tree: MemcgTree, { held }: Hold, settings: Settings): Generator<TreeNode> {
  if (isWanted(settings)) yield tree.root;
  for (const { node } of held.values()) yield node;
}
