interface Flight {
  readonly memcgs: readonly string[];
  readonly over: Promise<void>;
}

/** Who was struck and is not gone yet, in whatever OOM: one that overlaps with it waits for their memory first. */
export class InFlight {
  readonly #flights = new Set<Flight>();

  /** `gone` settles when they are gone, or have had their time. */
  add(struck: readonly { readonly memcg: string }[], gone: Promise<unknown>): void {
    const forget = () => void this.#flights.delete(flight);
    const flight: Flight = { memcgs: struck.map(({ memcg }) => memcg), over: gone.then(forget, forget) };
    if (struck.length > 0) this.#flights.add(flight);
  }

  /** Resolves when those in the subtree of a memcg are gone, or have had their time; null if there are none. */
  within(memcg: string): Promise<unknown> | null {
    const prefix = memcg === "/" ? "/" : `${memcg}/`;
    const within = [...this.#flights].filter(({ memcgs }) => memcgs.some((each) => `${each}/`.startsWith(prefix)));
    return within.length === 0 ? null : Promise.all(within.map(({ over }) => over));
  }
}
