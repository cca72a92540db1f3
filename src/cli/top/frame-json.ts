import { readWhenAsked } from "../../badness/known-xattrs.ts";
import { liveHierarchy } from "../../hierarchy/live.ts";
import { decideInTurn } from "../../policy/turns.ts";
import { type VictimJson, victimJson } from "../../report/decision-json.ts";
import type { Context } from "../context.ts";
import { findMemcg, ranksFrom } from "../live.ts";
import { samplesFor } from "../samples.ts";
import type { Status } from "../status.ts";
import { depthFirst, lineOf, type TreeLine } from "../tree.ts";
import { turnsInForce } from "../turns.ts";
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
export async function frameJson(context: Context, memcg: string, listener: Listener): Promise<FrameJson> {
  const { tree, node } = findMemcg(context, memcg);
  const view = { tree, node, ...ranksFrom(listener.answers, readWhenAsked(context.mountPoint)) };
  const root = liveHierarchy(tree, node, view.ranks);
  const { choice } = decideInTurn(root, turnsInForce(view, await samplesFor(context, view, {})));
  const victim = choice?.victim ?? null;
  const { status, kills } = listener.sight();
  return {
    memcg: node.path,
    daemon: status,
    nextVictim: victim === null ? null : victimJson(victim),
    memcgs: Array.from(depthFirst(root), (at) => lineOf(at, view, victim, status?.lent)),
    kills,
  };
}
