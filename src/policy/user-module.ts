/** A policy that is a JavaScript module of the user's own: `export default { name, … }`, as policies/contract.ts has it. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Policy } from "../../policies/contract.ts";
import { fileVersion, whyNotTrusted } from "../kernel/trusted-file.ts";
import { whyNoPolicy } from "./shape.ts";
import { whyNotLoadable } from "./try-loading.ts";

/** `version` tells this state of the file from a later one. */
export type UserPolicy = { readonly policy: Policy; readonly version: string } | { readonly wrong: string };

/** Whoever goes by paths writes them from the root. */
export function isModulePath(name: string): boolean {
  return name.startsWith("/");
}

/** Loads it once, for a process that ends soon. Never throws, and returns whatever the module does at its top. */
export function requireUserPolicy(path: string): UserPolicy {
  const why = whyNotTrusted(path);
  if (why !== null) return { wrong: `it is refused: ${why}` };
  try {
    const unloadable = whyNotLoadable(path, fileVersion(path));
    if (unloadable !== null) return cannotLoad(unloadable);
    return judge(path, createRequire(import.meta.url)(path));
  } catch (error) {
    return cannotLoad(error);
  }
}

/** Loads it as it is now, whatever it was before: for the handler, and off the hot path. Never rejects. */
export async function importUserPolicy(path: string): Promise<UserPolicy> {
  const why = whyNotTrusted(path);
  if (why !== null) return { wrong: `it is refused: ${why}` };
  try {
    return judge(path, await import(`${pathToFileURL(path)}?${fileVersion(path)}`));
  } catch (error) {
    return cannotLoad(error);
  }
}

function judge(path: string, module: unknown): UserPolicy {
  const policy = (module as { readonly default?: unknown }).default;
  const why = whyNoPolicy(policy);
  return why === null ? { policy: policy as Policy, version: fileVersion(path) } : { wrong: why };
}

function cannotLoad(error: unknown): { readonly wrong: string } {
  return { wrong: `it cannot be loaded: ${reasonOf(error)}` };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node would tell of a flag that prints where.
  if ("code" in error && error.code === "ERR_REQUIRE_ASYNC_MODULE") return "a policy must not await at its top";
  return error.message.split("\n")[0] ?? "";
}
