import type { Ranks } from "../hierarchy/live.ts";
import type { MemcgTree } from "../hierarchy/tree.ts";
import type { Held, Hold } from "../hold/hold.ts";
import type { InFlight } from "../kill/in-flight.ts";
import type { Livelock } from "../livelock/livelock.ts";
import type { PoliciesInForce } from "../policy/in-force.ts";
import type { Relief } from "../relief/relief.ts";
import type { DecisionFiles } from "../report/decision-files.ts";
import type { Reporter } from "../report/events.ts";
import type { Bookkeeper } from "../witness/bookkeeper.ts";
import type { Pauses } from "./pauses.ts";

/** What the path of an OOM leads through. */
export interface Rooms {
  readonly tree: MemcgTree;
  readonly hold: Hold;
  readonly ranks: Ranks;
  readonly relief: Relief;
  readonly policies: PoliciesInForce;
  readonly pauses: Pauses;
  readonly reporter: Reporter;
  readonly books: Bookkeeper;
  readonly inFlight: InFlight;
  readonly livelock: Livelock;
  readonly decisionFiles: DecisionFiles;
  readonly dryRun: boolean;
  /** Whether kills are told in the kernel's log. */
  kmsg(): boolean;
  /** The OOM of this memcg is over, or a new delay begins: the failsafe starts to count afresh. */
  clearFailsafe(held: Held): void;
}
