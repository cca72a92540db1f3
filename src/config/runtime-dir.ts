import { join } from "node:path";

/** Where sockets and state are kept unless `--runtime-dir` says otherwise: a user without rights on /run has a place of their own. */
export function defaultRuntimeDir(): string {
  const ofUser = process.env["XDG_RUNTIME_DIR"];
  const isRoot = process.geteuid?.() === 0;
  return isRoot || !ofUser?.startsWith("/") ? "/run/badnessd" : join(ofUser, "badnessd");
}
