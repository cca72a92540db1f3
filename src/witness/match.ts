/** Kills that were counted, and kills that the kernel spoke of without saying where: which is which. */
import type { SpokenKill } from "./killer-voice.ts";

/** A kill as far as it is known. */
export type ToldKill = Omit<SpokenKill, "pid" | "comm"> & { readonly pid: number | null; readonly comm: string | null };

export interface Match {
  /** Null: nobody counted it, so it was somewhere else. */
  readonly memcg: string | null;
  readonly kill: ToldKill;
}

/**
 * `places`: the memcg of each kill that was counted. A name is given where there is no doubt: as many kills as were
 * spoken of, and one memcg. A system-wide OOM may have killed anywhere; kills at the limits of other memcgs are left out.
 */
export function match(places: readonly string[], spoken: readonly SpokenKill[]): Match[] {
  const [first] = places;
  if (first !== undefined && places.length === spoken.length && places.every((place) => place === first)) {
    return spoken.map((kill) => ({ memcg: first, kill }));
  }
  const system = spoken.filter(({ cause }) => cause === "system");
  const told = places.map((memcg, index) => ({ memcg, kill: nameless(index < system.length ? "system" : "memcg") }));
  const elsewhere = system.slice(places.length);
  return [
    ...told,
    ...elsewhere.map((kill) => ({ memcg: null, kill: places.length === 0 ? kill : nameless("system") })),
  ];
}

function nameless(cause: SpokenKill["cause"]): ToldKill {
  return { pid: null, comm: null, cause, place: null };
}
