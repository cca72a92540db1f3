/** What a policy file may say. Every scalar arrives as text: values.ts alone decides what is a number. */
import type { GenericSchema, InferOutput, ObjectEntries } from "valibot";
import * as v from "valibot";
import { absolutePath } from "./path-spelling.ts";
import { reliefSteps } from "./relief-steps.ts";
import type { ValueType } from "./values.ts";
import { badness, command, killUnit, milliseconds, timeout, uid, wrong } from "./values.ts";

// TASK_COMM_LEN of the kernel is 16 with its NUL: a longer one would never match.
const MAX_COMM_BYTES = 15;

const comm: ValueType<string> = {
  expected: `a command name of 1..${MAX_COMM_BYTES} bytes`,
  parse: (text) =>
    text !== "" && Buffer.byteLength(text) <= MAX_COMM_BYTES ? { value: text } : wrong(comm.expected, text),
};

const memcgRule = mapping({
  badness: v.exactOptional(value(badness)),
  kill: v.exactOptional(value(killUnit)),
  delayMs: v.exactOptional(value(milliseconds)),
  relief: v.exactOptional(value(reliefSteps)),
  handler: v.exactOptional(mapping({ command: value(command) })),
  preKill: v.exactOptional(mapping({ command: value(command), timeoutMs: v.exactOptional(value(timeout)) })),
});

const match = v.pipe(
  mapping({
    comm: v.exactOptional(value(comm)),
    exe: v.exactOptional(value(absolutePath)),
    uid: v.exactOptional(value(uid)),
    memcg: v.exactOptional(value(absolutePath)),
  }),
  // Without this, an empty match would be a rule about every process there is.
  v.check((keys) => Object.keys(keys).length > 0, "expected at least one of comm, exe, uid, memcg"),
);

const processRule = mapping({ match, badness: value(badness) });

/** The schema of a whole policy file. */
export const policySchema = mapping({
  memcgs: section(v.pipe(plainObject("globs on memcg paths"), v.record(key(absolutePath), memcgRule))),
  processes: section(v.array(processRule, (issue) => expected("a list of rules, each with match and badness", issue))),
});

/** What the schema makes of a file without faults. */
export type Policy = InferOutput<typeof policySchema>;

/** A section whose entries are all commented out is empty text to YAML. */
function section<S extends GenericSchema>(schema: S) {
  return v.optional(v.lazy((input): S | v.LiteralSchema<"", undefined> => (input === "" ? v.literal("") : schema)));
}

/** A mapping with these keys and no other; every unknown one is reported, where strictObject stops at the first. */
function mapping<E extends ObjectEntries>(entries: E) {
  const known = Object.keys(entries).join(", ");
  return v.pipe(
    plainObject(known),
    v.objectWithRest(entries, v.never(`expected one of ${known}`), (issue) => `expected the key ${issue.expected}`),
  );
}

// To valibot a list is an object too.
function plainObject(keys: string) {
  return v.custom<Record<string, unknown>>(
    (input) => typeof input === "object" && input !== null && !Array.isArray(input),
    (issue) => expected(`a mapping with ${keys}`, issue),
  );
}

function key<T>(type: ValueType<T>) {
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const parsed = type.parse(String(dataset.value));
      if ("wrong" in parsed) addIssue({ message: parsed.wrong });
    }),
  );
}

function value<T>(type: ValueType<T>) {
  return v.pipe(
    v.string((issue) => expected(type.expected, issue)),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const parsed = type.parse(dataset.value);
      if ("value" in parsed) return parsed.value;
      addIssue({ message: parsed.wrong });
      return NEVER;
    }),
  );
}

function expected(what: string, issue: { readonly input: unknown }): string {
  if (typeof issue.input === "string") return wrong(what, issue.input).wrong;
  return `expected ${what}, got ${Array.isArray(issue.input) ? "a list" : "a mapping"}`;
}
