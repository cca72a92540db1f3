import type { Held } from "../hold/hold.ts";
import type { Plight } from "../relief/types.ts";
import type { Oom } from "./kill-next.ts";

/** An OOM of a memcg, for those who may bring memory back before anybody dies. */
export function memcgPlight(oom: Oom, held: Held, looks: Pick<Plight, "isWaiting" | "isSuperseded">): Plight {
  return {
    held,
    noticedMs: oom.noticedMs,
    get deadlineMs() {
      return oom.deadlineMs;
    },
    fill: () => oom.shortage.fill(),
    ...looks,
  };
}
