/** What cannot work on this machine, said before anything is armed. */
import type { Glob } from "../badness/glob.ts";
import type { Settings } from "../config/types.ts";
import { MemcgTree } from "../hierarchy/tree.ts";
import { readPids } from "../kernel/memcg.ts";
import { findMemoryController, hasMemoryOnV2 } from "../kernel/mounts.ts";
import { readCapabilities, readMemcgPath, readProcStat } from "../kernel/process.ts";
import { accessError, isDirectory } from "../kernel/read.ts";
import { isWanted } from "../system/limits.ts";
import { leftToKernel, whyNotHere } from "../system/means.ts";

/** `exitCode` 77: not permitted. `note`: it works, with less. */
export interface Finding {
  readonly severity: "fatal" | "note";
  readonly exitCode: 1 | 77;
  readonly text: string;
}

/** Mount point of the v1 memory controller, or what is amiss. `root` is it, or the directory that holds `memory`. */
export function locateController(root: string | null): string | Finding {
  if (root === null) return findMemoryController() ?? fatal(1, noController());
  if (isDirectory(`${root}/memory`)) return `${root}/memory`;
  const error = accessError(`${root}/cgroup.procs`, "read");
  if (error === null) return root;
  if (error === "EACCES") return fatal(77, `cannot read ${root}/cgroup.procs: ${error}`);
  return fatal(1, `${root} is no mount point of the cgroup v1 memory controller: it has no cgroup.procs`);
}

function noController(): string {
  const v2 = hasMemoryOnV2()
    ? ": this system has the memory controller on cgroup v2, which has no oom_kill_disable"
    : "";
  return `no cgroup v1 memory controller is mounted${v2}; boot with systemd.unified_cgroup_hierarchy=0 on a kernel that has CONFIG_MEMCG_V1`;
}

/** Everything that is amiss, fatal or not, with what would mend it. */
export function inspect(mountPoint: string, guard: readonly Glob[]): Finding[] {
  return [
    ...inspectAccess(mountPoint, guard),
    ...inspectOwnPlace(mountPoint, guard),
    ...inspectProc(),
    ...inspectCapabilities(),
  ];
}

/** Root needs a writable mount; an ordinary user needs the two files of each memcg that is to be guarded. */
function inspectAccess(mountPoint: string, guard: readonly Glob[]): Finding[] {
  const guarded = process.getuid?.() === 0 ? [] : guardedNow(mountPoint, guard);
  if (guarded.length > 0) return guarded.flatMap((directory) => inspectOwned(directory));
  const files = unwritable(mountPoint);
  return files.length === 0
    ? []
    : [fatal(77, `cannot write ${files.join(" ")}: run as root, on a mount that is not read-only`)];
}

function inspectOwned(directory: string): Finding[] {
  const files = unwritable(directory);
  if (files.length === 0) return [];
  const grant = `chown ${process.getuid?.()} ${files.map((file) => `'${file.replaceAll("'", "'\\''")}'`).join(" ")}`;
  return [fatal(77, `cannot write ${files.join(" ")}: what grants it, as root, is ${grant}`)];
}

function unwritable(directory: string): string[] {
  const files = ["memory.oom_control", "cgroup.event_control"].map((name) => `${directory}/${name}`);
  return files.filter((file) => accessError(file, "write") !== null);
}

/** Directories of the memcgs that the globs name and that are there. */
function guardedNow(mountPoint: string, guard: readonly Glob[]): string[] {
  const tree = new MemcgTree(mountPoint, false);
  const nodes = [...tree.walk()].filter(
    (node) => node.parent !== null && guard.some((glob) => glob.matches(node.path)),
  );
  return nodes.map((node) => tree.directoryOf(node));
}

function inspectOwnPlace(mountPoint: string, guard: readonly Glob[]): Finding[] {
  const own = readMemcgPath("self") ?? "/";
  const findings: Finding[] = [];
  const guarding = guardedAncestor(own, guard);
  if (guarding !== null) {
    const mend = `start it elsewhere, as after: echo $$ > ${mountPoint}/cgroup.procs`;
    findings.push(fatal(1, `badnessd runs in ${own}, and oom.guard names ${guarding}: it would hang with it; ${mend}`));
  }
  if (readPids(mountPoint + (own === "/" ? "" : own))?.includes(process.pid) !== true) {
    const text = `badnessd does not find itself in ${own}/cgroup.procs: it runs in another pid or cgroup namespace than the mount`;
    findings.push(fatal(1, text));
  }
  return findings;
}

/** The memcg that is guarded and holds `own`, or null. */
export function guardedAncestor(own: string, guard: readonly Glob[]): string | null {
  const names = own.split("/").filter((name) => name !== "");
  const paths = names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
  return paths.find((path) => guard.some((glob) => glob.matches(path))) ?? null;
}

function inspectProc(): Finding[] {
  if (readProcStat(1) !== null) return [];
  return [fatal(77, "/proc hides the processes of others (hidepid): mount it without, or run as root")];
}

function inspectCapabilities(): Finding[] {
  const has = readCapabilities();
  const lacking: [string, string][] = [
    ["CAP_KILL", `only processes of user ${process.getuid?.()} can be killed`],
    ["CAP_SYS_NICE", "victims die at their own pace"],
    ["CAP_SYS_RESOURCE", "oom_score_adj cannot be lowered: badnessd itself is within reach of the kernel's killer"],
  ];
  return lacking.flatMap(([name, effect]) =>
    has.has(name) ? [] : { severity: "note", exitCode: 1, text: `no ${name}: ${effect}` },
  );
}

/** Why a system-wide OOM will be left to the kernel, if it is to be handled. */
export function inspectSystem(mountPoint: string, settings: Settings): Finding[] {
  const why = isWanted(settings) ? whyNotHere(mountPoint, settings.system) : null;
  return why === null ? [] : [{ severity: "note", exitCode: 1, text: leftToKernel(why) }];
}

function fatal(exitCode: 1 | 77, text: string): Finding {
  return { severity: "fatal", exitCode, text };
}
