/** What a policy file may say. Every scalar arrives as text: values.ts alone decides what is a number. */
import type { GenericSchema, ObjectEntries } from "valibot";
import * as v from "valibot";
import { absolutePath } from "./path-spelling.ts";
import { reliefSteps } from "./relief-steps.ts";
import type { PolicyUse } from "./types.ts";
import type { ValueType } from "./values.ts";
import { badness, command, killUnit, milliseconds, timeout, uid, wrong } from "./values.ts";

// TASK_COMM_LEN of the kernel is 16 with its NUL: a longer one would never match.
const MAX_COMM_BYTES = 15;

const comm: ValueType<string> = {
  expected: `a command name of 1..${MAX_COMM_BYTES} bytes`,
  parse: (text) =>
    text !== "" && Buffer.byteLength(text) <= MAX_COMM_BYTES ? { value: text } : wrong(comm.expected, text),
};

const policyName: ValueType<string> = {
  expected: "the name of a policy, or the path of one",
  parse: (text) => (text === "" ? wrong(policyName.expected, text) : { value: text }),
};

const memcgRule = mapping({
  badness: v.exactOptional(value(badness)),
  kill: v.exactOptional(value(killUnit)),
  delayMs: v.exactOptional(value(milliseconds)),
  relief: v.exactOptional(value(reliefSteps)),
  handler: v.exactOptional(mapping({ command: value(command) })),
  preKill: v.exactOptional(mapping({ command: value(command), timeoutMs: v.exactOptional(value(timeout)) })),
  policy: v.exactOptional(policyUse()),
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

/** What stands behind `policy:`, by itself. */
export const policyUseSchema: v.GenericSchema<unknown, PolicyUse> = policyUse();

/** The schema of a whole policy file. */
export const policySchema = mapping({
  memcgs: section(v.pipe(plainObject("globs on memcg paths"), v.record(key(absolutePath), memcgRule))),
  processes: section(v.array(processRule, (issue) => expected("a list of rules, each with match and badness", issue))),
});

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

/** A name or path alone, or with arguments beside it; the policy says what they may be. */
function policyUse() {
  const text = v.string((issue) => expected("text", issue));
  return v.lazy((input): v.GenericSchema<unknown, PolicyUse> => {
    if (typeof input === "string")
      return v.pipe(
        value(policyName),
        v.transform((name) => ({ name, args: {} })),
      );
    return v.pipe(
      plainObject("name and the arguments of a policy"),
      v.objectWithRest({ name: value(policyName) }, text, (issue) => `expected the key ${issue.expected}`),
      v.transform(({ name, ...args }) => ({ name, args })),
    );
  });
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
      for (const { wrong } of [parsed, ...(parsed.also ?? [])]) addIssue({ message: wrong });
      return NEVER;
    }),
  );
}

function expected(what: string, issue: { readonly input: unknown }): string {
  if (typeof issue.input === "string") return wrong(what, issue.input).wrong;
  return `expected ${what}, got ${Array.isArray(issue.input) ? "a list" : "a mapping"}`;
}
