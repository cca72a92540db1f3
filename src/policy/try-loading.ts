import { spawnSync } from "node:child_process";

/** So long the handler would stand still for it, at most. */
const PATIENCE_MS = 3_000;
const LOADED = 42;
const THREW = 1;

/** What was tried, by path and version: many memcgs may name the same module. */
const tried = new Map<string, string | null>();

/**
 * Null, or why a module cannot even be tried here: nothing else can end one that never comes to its end. It is loaded in a
 * process of its own, in which it does whatever it does at its top.
 */
export function whyNotLoadable(path: string, version: string): string | null {
  const key = `${version} ${path}`;
  const known = tried.get(key);
  if (known !== undefined) return known;
  const why = tryLoading(path);
  tried.set(key, why);
  return why;
}

function tryLoading(path: string): string | null {
  const program = `require(process.argv[1]); process.exit(${LOADED});`;
  const { status, error } = spawnSync(process.execPath, ["-e", program, path], {
    stdio: "ignore",
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  if (error !== undefined) return "code" in error && error.code === "ETIMEDOUT" ? LATE : null;
  // What was thrown is told by who loads it next.
  return status === LOADED || status === THREW ? null : "it ends the process that loads it";
}

const LATE = `what stands at its top has not come to its end after ${PATIENCE_MS} ms`;
