import type { Settings } from "../config/types.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import { nowMs } from "../kernel/clock.ts";
import { close } from "../kernel/libc.ts";
import type { Fill } from "../kernel/memcg.ts";
import { type Meminfo, openMeminfo, readKernelKills, readMeminfoFd, readMeminfoText } from "../kernel/meminfo.ts";
import { readFullStall } from "../kernel/pressure.ts";
import type { Shortage } from "../oom/shortage.ts";
import { type Assessment, assess, isWanted } from "./limits.ts";

/** PSI's average is of so long. */
const STALL_AVERAGE_MS = 10_000;

export interface MachineOptions {
  /** Of the tree: from here down somebody must die. */
  readonly root: TreeNode;
  /** Those in force now. */
  settings(): Settings;
  readonly proc?: string;
}

/** The memory of the whole machine, read afresh whenever somebody asks. */
export class Machine implements Shortage {
  readonly node: TreeNode;
  readonly #settings: () => Settings;
  readonly #proc: string;
  #meminfoFd: number;
  #stallCountsFromMs = Number.NEGATIVE_INFINITY;

  /** Throws KernelError where there is no /proc/meminfo, or no descriptor for it. */
  constructor({ root, settings, proc = "/proc" }: MachineOptions) {
    this.node = root;
    this.#settings = settings;
    this.#proc = proc;
    this.#meminfoFd = openMeminfo(proc);
  }

  assess(): Assessment {
    return this.#assess(this.#read());
  }

  /** Never short once nobody sees to it any more: it is turned off, or closed. */
  look(): Fill | null {
    const meminfo = this.#read();
    return this.#assess(meminfo).isShort ? fillOf(meminfo) : null;
  }

  fill(): Fill {
    return fillOf(this.#read());
  }

  countKernelKills(): number {
    return readKernelKills(this.#proc);
  }

  memoryStat(): string {
    return readMeminfoText(this.#proc);
  }

  /** Somebody has died: how long others had stood still before that says nothing any more. */
  forgetStalls(): void {
    this.#stallCountsFromMs = nowMs() + STALL_AVERAGE_MS;
  }

  close(): void {
    close(this.#meminfoFd);
    // The number will mean another file, and somebody may still attend to the machine.
    this.#meminfoFd = -1;
  }

  #read(): Meminfo {
    return readMeminfoFd(this.#meminfoFd);
  }

  #assess(meminfo: Meminfo): Assessment {
    const settings = this.#settings();
    const readStall = () => (nowMs() < this.#stallCountsFromMs ? 0 : readFullStall(this.#proc));
    const assessment = assess(meminfo, settings.system, readStall);
    return isWanted(settings) ? assessment : { ...assessment, isShort: false };
  }
}

function fillOf({ totalBytes, availableBytes }: Meminfo): Fill {
  return { usageBytes: totalBytes - availableBytes, limitBytes: totalBytes };
}
