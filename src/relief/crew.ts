/** Everybody who may bring memory back before anybody dies: in memory only once anybody may. */
import type { Config } from "../config/types.ts";
import type { TreeChanges } from "../hierarchy/tree.ts";
import type { Reporter } from "../report/events.ts";
import type { ReliefTried } from "../report/relief-event.ts";
import type { Choice } from "../select/types.ts";
import { Commands } from "./commands.ts";
import { type Listener, Listeners } from "./listeners.ts";
import { type LentNow, Loans } from "./loans.ts";
import { Measures } from "./measures.ts";
import { stagesOf } from "./stages.ts";
import { Tries } from "./tries.ts";
import type { Measure, Plight, World } from "./types.ts";

export class Crew {
  readonly listeners: Listeners = new Listeners();
  readonly #commands = new Commands();
  readonly #loans: Loans;
  readonly #tries = new Tries();
  readonly #reporter: Reporter;
  #config: Config;
  #measures: Measures;
  #world: World | null = null;

  constructor(runtimeDir: string, reporter: Reporter, config: Config) {
    this.#reporter = reporter;
    this.#config = config;
    this.#measures = new Measures(config);
    this.#loans = new Loans({ runtimeDir, reporter, reserve: () => this.#config.settings.system.minAvailable });
  }

  configure(config: Config): void {
    this.#config = config;
    this.#measures = new Measures(config);
  }

  begin(world: World): void {
    this.#world = world;
    this.#loans.begin(world.tree);
  }

  end(): void {
    this.#world = null;
    this.#commands.end();
    this.#loans.end();
  }

  take({ removed }: TreeChanges): void {
    if (this.listeners.size > 0) this.listeners.forget(removed);
  }

  get lent(): readonly LentNow[] {
    return this.#loans.all();
  }

  /** Looks whom there is to turn to, and begins nothing. */
  next(plight: Plight, choice: Choice | null): Measure | null {
    if (this.#world === null || (this.#measures.isEmpty && this.listeners.size === 0)) return null;
    const everybody = { listeners: this.listeners, loans: this.#loans, commands: this.#commands };
    for (const stage of stagesOf(plight, choice, { ...this.#world, measures: this.#measures, ...everybody })) {
      const open = this.#tries.open(stage, plight);
      if (open.length > 0) return async () => this.#told(plight, await this.#tries.go(open, plight));
    }
    return null;
  }

  #told(plight: Plight, tried: readonly ReliefTried[]): readonly ReliefTried[] {
    for (const each of tried) this.#reporter.report({ type: "relief", memcg: plight.held.node.path, ...each });
    return tried;
  }

  /** Null if there is no such memcg. Returns the way to leave. */
  listen(memcg: string, listener: Listener): (() => void) | null {
    const node = this.#world?.tree.find(memcg) ?? null;
    return node === null ? null : this.listeners.add(node, listener);
  }
}
