/** Whether the runtime directory can be had. */
import { tryDirectory } from "../kernel/state-file.ts";
import type { Finding } from "./preflight.ts";

/** What is amiss with it, found out without leaving anything there. */
export function inspectRuntimeDir(runtimeDir: string): Finding[] {
  const error = tryDirectory(runtimeDir);
  return error === null ? [] : [{ severity: "fatal", ...cannotUse(runtimeDir, error) }];
}

/** What is said of a runtime directory that cannot be used, and with which exit code. */
export function cannotUse(runtimeDir: string, { code, message }: NodeJS.ErrnoException): Omit<Finding, "severity"> {
  const text = `cannot use ${runtimeDir} for sockets and state: ${message}; name another with --runtime-dir`;
  return { text, exitCode: code === "EACCES" || code === "EPERM" ? 77 : 1 };
}
