import { readWhenAsked } from "../../badness/known-xattrs.ts";
import { liveHierarchy } from "../../hierarchy/live.ts";
import { type VictimJson, victimJson } from "../../report/decision-json.ts";
import type { Context } from "../context.ts";
import { findMemcg, ranksOf } from "../live.ts";
import type { Status } from "../status.ts";
import { depthFirst, lineOf, nextVictim, type TreeLine } from "../tree.ts";
import type { Kill } from "./kills.ts";
import type { Listener } from "./listener.ts";

/** What there is to see, as `badnessctl top --json` prints it. */
interface FrameJson {
  /** The memcg at the top. */
  readonly memcg: string;
  /** As `badnessctl status --json` prints it; null: there is no daemon. */
  readonly daemon: Status | null;
  readonly nextVictim: VictimJson | null;
  /** As `badnessctl tree --json` prints them. */
  readonly memcgs: readonly TreeLine[];
  /** As `badnessctl events` prints them, the last ones last. */
  readonly kills: readonly Kill[];
}

/** Reads everything. */
export function frameJson(context: Context, memcg: string, listener: Listener): FrameJson {
  const { tree, node } = findMemcg(context, memcg);
  const { priorities, ranks } = ranksOf(listener.answers, readWhenAsked(context.mountPoint));
  const root = liveHierarchy(tree, node, ranks);
  const next = nextVictim(root);
  const { status, kills } = listener.sight();
  return {
    memcg: node.path,
    daemon: status,
    nextVictim: next === null ? null : victimJson(next),
    memcgs: Array.from(depthFirst(root), (at) => lineOf(at, { tree, priorities }, next)),
    kills,
  };
}
