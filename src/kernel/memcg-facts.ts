/** Files of a memcg that not every kernel has; v1 and v2 tell them by other names. Null: not on this kernel. */
import { readMemoryStat } from "./memcg.ts";
import { cgroupMounts } from "./mounts.ts";
import { type IoTotals, type PressureShares, parseBlkio, parseIoStat, parsePressure } from "./parse/accounts.ts";
import { parseKibibytes } from "./parse/kibibytes.ts";
import { parseKey } from "./parse/memory-stat.ts";
import { parseNumber } from "./parse/numbers.ts";
import { readText } from "./read.ts";

/** v1 writes the largest multiple of a page for "unlimited", v2 the word `max`. */
const UNLIMITED_BYTES = 2 ** 62;

/** `total_swap` of memory.stat (v1, where swap is accounted) or memory.swap.current. */
export function readSwapBytes(directory: string): number | null {
  return parseKey(readMemoryStat(directory), "total_swap") ?? number(`${directory}/memory.swap.current`);
}

/** `pgscan` of memory.stat; v1 does not count it. */
export function readPgScans(directory: string): number | null {
  return parseKey(readMemoryStat(directory), "pgscan");
}

/** memory.min or memory.low, whichever is more, as far as the memcg uses it. */
export function readProtectedBytes(directory: string): number | null {
  const usageBytes = number(`${directory}/memory.current`);
  const least = amount(`${directory}/memory.min`);
  const low = amount(`${directory}/memory.low`);
  return usageBytes === null || least === null || low === null ? null : Math.min(usageBytes, Math.max(least, low));
}

export function readPressure(directory: string, resource: "memory" | "io"): PressureShares | null {
  const text = readText(`${directory}/${resource}.pressure`);
  return text === null ? null : parsePressure(text);
}

/**
 * io.stat, or what v1's blkio controller has of the cgroup of the same path: the two are separate hierarchies, which
 * service managers keep alike.
 */
export function readIo(directory: string, path: string): IoTotals | null {
  const unified = readText(`${directory}/io.stat`);
  if (unified !== null) return parseIoStat(unified);
  const blkio = cgroupMounts().find(({ version, controllers }) => version === 1 && controllers.includes("blkio"));
  const stem = `${blkio?.mountPoint}${path === "/" ? "" : path}/blkio.throttle`;
  const bytes = blkio === undefined ? null : readText(`${stem}.io_service_bytes_recursive`);
  const operations = readText(`${stem}.io_serviced_recursive`);
  return bytes === null || operations === null ? null : parseBlkio(bytes, operations);
}

/**
 * Memory and swap that a memcg may have at most, as the kernel's killer counts them (mem_cgroup_get_max); where it has
 * no limit, what the machine has.
 */
export function readMaxBytes(directory: string, proc: string): number | null {
  const meminfo = readText(`${proc}/meminfo`) ?? "";
  const swapTotal = parseKibibytes(meminfo, "SwapTotal") ?? 0;
  const limit = amount(`${directory}/memory.limit_in_bytes`) ?? amount(`${directory}/memory.max`);
  if (limit === null) return null;
  if (limit >= UNLIMITED_BYTES) return (parseKibibytes(meminfo, "MemTotal") ?? 0) + swapTotal;
  if (number(`${directory}/memory.swappiness`) === 0) return limit;
  const both = amount(`${directory}/memory.memsw.limit_in_bytes`);
  const swap = both === null ? (amount(`${directory}/memory.swap.max`) ?? 0) : both - limit;
  return limit + Math.min(Math.max(0, swap), swapTotal);
}

function number(file: string): number | null {
  return parseNumber(readText(file) ?? "");
}

function amount(file: string): number | null {
  const text = readText(file);
  return text?.trim() === "max" ? Number.POSITIVE_INFINITY : parseNumber(text ?? "");
}
