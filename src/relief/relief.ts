/**
 * Somebody may bring memory back before anybody dies: badnessd itself (`oom.relief`), the owner of the memcg that a choice
 * falls into, and a hook. The OOM path asks `next` between the choice and the kill, and looks at everything afresh after
 * each attempt. Where nobody may do anything, asking costs nothing and nothing of this room is loaded.
 */
import type { Config } from "../config/types.ts";
import type { TreeChanges } from "../hierarchy/tree.ts";
import type { Reporter } from "../report/events.ts";
import type { Choice } from "../select/types.ts";
import type { Crew } from "./crew.ts";
import type { Answer, Listener } from "./listeners.ts";
import { hasLoans } from "./loan-record.ts";
import { hasMeasures } from "./measures.ts";
import type { Measure, Plight, World } from "./types.ts";

/** One for the life of the daemon, through every change of its mode. */
export class Relief {
  readonly #runtimeDir: string;
  readonly #reporter: Reporter;
  #config: Config;
  #world: World | null = null;
  #crew: Crew | null = null;

  constructor(runtimeDir: string, reporter: Reporter, config: Config) {
    this.#runtimeDir = runtimeDir;
    this.#reporter = reporter;
    this.#config = config;
  }

  /** Another configuration, and the first one too; in force when this resolves. */
  async configure(config: Config): Promise<void> {
    this.#config = config;
    if (this.#crew !== null) this.#crew.configure(config);
    else if (hasMeasures(config) || hasLoans(this.#runtimeDir)) await this.#load();
  }

  begin(world: World): void {
    this.#world = world;
    this.#crew?.begin(world);
  }

  /** Takes back what is lent, as far as that can be. */
  end(): void {
    this.#world = null;
    this.#crew?.end();
  }

  /** What became of the tree. */
  take(changes: TreeChanges): void {
    this.#crew?.take(changes);
  }

  /** What is to be tried before this choice is carried out; null: nothing, or nothing any more. */
  next(plight: Plight, choice: Choice | null): Measure | null {
    return this.#crew?.next(plight, choice) ?? null;
  }

  /** The memcgs that somebody listens to. */
  get listening(): ReturnType<Crew["listeners"]["all"]> {
    return this.#crew?.listeners.all() ?? [];
  }

  /** What is lent and has not come back. */
  get lent(): Crew["lent"] {
    return this.#crew?.lent ?? [];
  }

  /** Resolves to the way to leave, or to null if there is no such memcg. */
  async listen(memcg: string, listener: Listener): Promise<(() => void) | null> {
    return (await this.#load()).listen(memcg, listener);
  }

  /** `uid`: who answers, null for a ruler. False where they were not asked, or it is too late. */
  answer(ask: number, answer: Answer, uid: number | null): boolean {
    return this.#crew?.listeners.answer(ask, answer, uid) ?? false;
  }

  async #load(): Promise<Crew> {
    const { Crew } = await import("./crew.ts");
    if (this.#crew === null) {
      this.#crew = new Crew(this.#runtimeDir, this.#reporter, this.#config);
      if (this.#world !== null) this.#crew.begin(this.#world);
    }
    return this.#crew;
  }
}
