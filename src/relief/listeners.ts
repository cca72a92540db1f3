/** Owners who have asked to be told before anybody of theirs is killed, each behind a connection of their own. */
import type { TreeNode } from "../hierarchy/tree.ts";
import type { Plea } from "./plea.ts";
import type { Result } from "./types.ts";

/** What a listener may say: that it has freed what it could, or that it cannot. */
export type Answer = "done" | "pass";

export interface Listener {
  readonly uid: number;
  /** Root, or whoever runs the daemon: may listen to any memcg. */
  readonly isRuler: boolean;
  /** False if it has not read what it was told before. */
  tell(line: string): boolean;
  /** The memcg is gone. */
  end(): void;
}

interface Ask {
  readonly listener: Listener;
  settle(outcome: Result["outcome"]): void;
}

export class Listeners {
  readonly #byMemcg = new Map<bigint, { readonly memcg: string; readonly listeners: Set<Listener> }>();
  readonly #asks = new Map<number, Ask>();
  #lastAsk = 0;

  /** How many memcgs have any. */
  get size(): number {
    return this.#byMemcg.size;
  }

  has({ ino }: TreeNode): boolean {
    return this.#byMemcg.has(ino);
  }

  /** As `badnessctl status` shows them. */
  all(): { readonly memcg: string; readonly uid: number }[] {
    const all = [...this.#byMemcg.values()];
    return all.flatMap(({ memcg, listeners }) => Array.from(listeners, ({ uid }) => ({ memcg, uid })));
  }

  /** Returns the way to leave. */
  add({ ino, path }: TreeNode, listener: Listener): () => void {
    const place = this.#byMemcg.get(ino) ?? { memcg: path, listeners: new Set() };
    place.listeners.add(listener);
    this.#byMemcg.set(ino, place);
    return () => {
      place.listeners.delete(listener);
      if (place.listeners.size === 0 && this.#byMemcg.get(ino) === place) this.#byMemcg.delete(ino);
      for (const ask of [...this.#asks.values()]) if (ask.listener === listener) ask.settle("gone");
    };
  }

  /** Memcgs that are gone, or have another name now: whoever listens may come again. */
  forget(nodes: readonly TreeNode[]): void {
    for (const { ino } of nodes) for (const listener of this.#byMemcg.get(ino)?.listeners ?? []) listener.end();
  }

  /**
   * Tells all of a memcg and resolves once each has answered, has left, or the time is over. `owner`: whose it is by now;
   * who no longer owns it is not told.
   */
  async ask({ ino }: TreeNode, owner: number | null, plea: Plea): Promise<Result> {
    const all = [...(this.#byMemcg.get(ino)?.listeners ?? [])];
    const entitled = all.filter(({ uid, isRuler }) => isRuler || uid === owner);
    const outcomes = await Promise.all(entitled.map((listener) => this.#askOne(listener, plea)));
    for (const outcome of ["timed out", "done", "pass"] as const) if (outcomes.includes(outcome)) return { outcome };
    return { outcome: "gone" };
  }

  /** `uid`: who answers, null for a ruler. False where they were not asked, or it is too late. */
  answer(ask: number, answer: Answer, uid: number | null): boolean {
    const open = this.#asks.get(ask);
    if (open === undefined || (uid !== null && open.listener.uid !== uid)) return false;
    open.settle(answer);
    return true;
  }

  #askOne(listener: Listener, plea: Plea): Promise<Result["outcome"]> {
    const ask = ++this.#lastAsk;
    return new Promise((resolve) => {
      const settle = (outcome: Result["outcome"]) => {
        clearTimeout(timer);
        this.#asks.delete(ask);
        resolve(outcome);
      };
      const timer = setTimeout(() => settle("timed out"), plea.windowMs);
      this.#asks.set(ask, { listener, settle });
      if (!listener.tell(JSON.stringify({ type: "oom", ask, ...plea }))) settle("gone");
    });
  }
}
