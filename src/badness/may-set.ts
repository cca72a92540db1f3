/** Who may set the badness of a process to what. */
import { PROTECTED } from "../hierarchy/types.ts";

export interface SetRequest {
  readonly pid: number;
  /** Who asks. */
  readonly asker: { readonly uid: number; readonly isRoot: boolean };
  /** Whose process it is. */
  readonly owner: { readonly realUid: number; readonly effectiveUid: number };
  /** What it has now, wherever that comes from. */
  readonly present: number;
  readonly wanted: number;
}

/** Null, or why not: root may do all, others make their own processes die sooner and never later. */
export function whyNotSet({ pid, asker, owner, present, wanted }: SetRequest): string | null {
  if (asker.isRoot) return null;
  // Either one alone may be another's: a program with set-user-ID, or a service on its way to an ordinary user.
  const stranger = [owner.realUid, owner.effectiveUid].find((uid) => uid !== asker.uid);
  if (stranger !== undefined) return `process ${pid} is user ${stranger}'s, not user ${asker.uid}'s`;
  if (wanted <= present) return null;
  return `only root may raise the badness of process ${pid} from ${word(present)} to ${word(wanted)}`;
}

function word(badness: number): string {
  return badness === PROTECTED ? "never" : `${badness}`;
}
