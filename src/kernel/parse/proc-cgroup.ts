/** The path that /proc/PID/cgroup gives for a v1 controller, or null. Paths may hold colons. */
export function parseCgroupPath(text: string, controller: string): string | null {
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/s.exec(line) ?? [];
    if (path !== undefined && controllers?.split(",").includes(controller)) return path;
  }
  return null;
}
