/** A family of processes as plain data, for what is inherited. */
import type { Relative } from "../../src/badness/process-table.ts";

export class PlainFamily {
  readonly #alive = new Map<number, Relative>();

  /** `fork(7, 1, 100)`: process 7 is born as a child of 1 at the moment 100. */
  fork(pid: number, ppid: number, startTime: number): Relative {
    const process = { pid, ppid, startTime };
    this.#alive.set(pid, process);
    return process;
  }

  /** Its children are pid 1's from then on. */
  end(pid: number): void {
    this.#alive.delete(pid);
    for (const child of this.children(pid)) this.#alive.set(child, { ...this.get(child), ppid: 1 });
  }

  get(pid: number): Relative {
    const process = this.#alive.get(pid);
    if (process === undefined) throw new Error(`no process ${pid}`);
    return process;
  }

  relative(pid: number): Relative | null {
    return this.#alive.get(pid) ?? null;
  }

  children(pid: number): number[] {
    return [...this.#alive.values()].filter(({ ppid }) => ppid === pid).map((child) => child.pid);
  }
}
