/** Whether what a module exports is a policy: nobody has checked its types. */

const TYPES = new Set(["integer", "number", "flag", "choice", "text"]);
const WALKS = new Set<unknown>([undefined, "levels", "memcgs", "processes"]);

/** Null, or what is missing, as "expected a name in small letters and dashes". */
export function whyNoPolicy(exported: unknown): string | null {
  if (!isObject(exported)) return "expected `export default` and an object";
  const { name, summary, walk } = exported;
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]{0,63}$/.test(name))
    return "expected a name in small letters and dashes";
  if (typeof summary !== "string" || summary.includes("\n")) return "expected a summary of one line";
  if (!WALKS.has(walk)) return 'expected the walk "levels", "memcgs" or "processes"';
  const optional = ["prerun", "decidedBy", "needs"].find((key) => !isFunctionOrMissing(exported[key]));
  if (optional !== undefined) return `expected ${optional} to be a function`;
  return whyNoDecision(exported) ?? whyNoArguments(exported["arguments"] ?? {});
}

function whyNoDecision(exported: Readonly<Record<string, unknown>>): string | null {
  if (typeof exported["evaluateTask"] === "function") return null;
  const missing = ["rankForKilling", "describeKill"].find((key) => typeof exported[key] !== "function");
  return missing === undefined
    ? null
    : `expected evaluateTask, or rankForKilling and describeKill; ${missing} is missing`;
}

function whyNoArguments(specs: unknown): string | null {
  if (!isObject(specs)) return "expected arguments to be an object";
  const broken = Object.entries(specs).find(([, spec]) => !isSpec(spec));
  return broken === undefined ? null : `expected the argument ${broken[0]} to have a type, a default and a summary`;
}

function isSpec(spec: unknown): boolean {
  if (!isObject(spec) || typeof spec["summary"] !== "string") return false;
  const { type, from, to, of } = spec;
  if (type === "integer" || type === "number")
    return [from, to, spec["default"]].every((each) => typeof each === "number");
  if (type === "choice") return Array.isArray(of) && of.includes(spec["default"]);
  if (type === "flag") return typeof spec["default"] === "boolean";
  return TYPES.has(String(type)) && typeof spec["default"] === "string";
}

function isFunctionOrMissing(value: unknown): boolean {
  return value === undefined || typeof value === "function";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
