/** What a daemon says, kept up to date without costing it more than a moment every few seconds. */
import { askLines } from "../../control/client.ts";
import { nowMs, sleep } from "../../kernel/clock.ts";
import type { Event } from "../../report/events.ts";
import type { Context } from "../context.ts";
import { askDaemon, type FromDaemon } from "../live.ts";
import type { Status } from "../status.ts";
import { type Kill, withEvent } from "./kills.ts";

/** What was set without an event, as the badness of a process, shows after this long. */
const ASK_MS = 5_000;
const RETRY_MS = 1_000;
/** A daemon that is stopped or wedged holds nobody up. */
const PATIENCE_MS = 1_000;

/** What is known of the daemon. */
export interface DaemonSight {
  /** What it said last; null: it has never said anything. */
  readonly status: Status | null;
  /** Since when it has not answered, milliseconds since the epoch; null while it does. */
  readonly goneSince: number | null;
  readonly kills: readonly Kill[];
}

export class Listener {
  readonly #context: Context;
  #answers: FromDaemon = { status: null, config: null, processes: [] };
  #goneSince: number | null = null;
  #kills: readonly Kill[] = [];
  #askAt = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** What it answered last; another object only where something may have changed. */
  get answers(): FromDaemon {
    return this.#answers;
  }

  sight(): DaemonSight {
    return { status: this.#answers.status, goneSince: this.#goneSince, kills: this.#kills };
  }

  /** Asks what it goes by. Where it does not answer, what it said before stands. */
  async ask(): Promise<void> {
    this.#askAt = nowMs() + ASK_MS;
    const answers = await this.#tryAsk();
    if (answers === null) {
      this.#goneSince ??= Date.now();
      this.#askAt = 0;
    } else {
      this.#goneSince = null;
      if (mayDiffer(answers, this.#answers)) this.#answers = answers;
    }
  }

  /** Takes in the events so far. */
  async hear(): Promise<void> {
    await this.#read("/events");
  }

  /** Goes on asking and listening for as long as the process lives. */
  follow(): void {
    void this.#askAgain();
    void this.#listen();
  }

  async #tryAsk(): Promise<FromDaemon | null> {
    try {
      const answers = await askDaemon(this.#context, PATIENCE_MS);
      return answers.status === null || answers.config === null ? null : answers;
    } catch {
      // It ended in the middle of a word.
      return null;
    }
  }

  async #askAgain(): Promise<never> {
    for (;;) {
      await sleep(RETRY_MS);
      if (nowMs() >= this.#askAt) await this.ask();
    }
  }

  async #listen(): Promise<never> {
    for (;;) {
      await this.#read("/events?follow");
      // Whether it is gone is found out by asking.
      this.#askAt = 0;
      await sleep(RETRY_MS);
    }
  }

  async #read(path: string): Promise<void> {
    try {
      for await (const line of askLines(this.#context.runtimeDir, path)) this.#take(JSON.parse(line) as Event);
    } catch {
      // There is no daemon, or none any more.
    }
  }

  #take(event: Event): void {
    this.#kills = withEvent(this.#kills, event);
    if (event.type === "config" || event.type === "ready") this.#askAt = 0;
  }
}

/** What is read of the ancestors of processes is remembered with the answer, so while any is set it is not kept. */
function mayDiffer(now: FromDaemon, before: FromDaemon): boolean {
  return now.processes.length > 0 || JSON.stringify(now) !== JSON.stringify(before);
}
