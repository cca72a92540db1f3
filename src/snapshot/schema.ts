/**
 * What may stand in a snapshot. Every message is the words for what was expected there.
 *
 * A key of the format must have a value of its kind. Every other key is anybody's: our own records say more than the
 * format names, and somebody else may mean something else by the same word. What cannot be used there is passed over.
 */
import * as v from "valibot";
import { absolutePath } from "../config/path-spelling.ts";
import { badness as badnessValue } from "../config/values.ts";
import { PROTECTED } from "../hierarchy/types.ts";

const path = v.pipe(
  v.string(absolutePath.expected),
  v.excludes("\0", "a path without NUL"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = absolutePath.parse(dataset.value);
    if ("value" in parsed) return parsed.value;
    addIssue({ message: parsed.wrong.replace(/^expected |, got .*$/gs, "") });
    return NEVER;
  }),
);

/** A number, or the text of one, as in policy files. */
const badness = v.pipe(
  v.custom<number | string>((value) => badnessOf(value) !== null, badnessValue.expected),
  v.transform((value) => badnessOf(value) ?? PROTECTED),
);

/** A name that looks like something else to YAML is that name; without any, nobody knows it. */
const comm = v.pipe(
  v.custom<string | number | boolean | null>((value) => value === null || typeof value !== "object", "a name"),
  v.transform((value) => (value === null ? "" : String(value))),
);

const bytes = integer(0, Number.MAX_SAFE_INTEGER);
const pid = integer(1, 2 ** 31 - 1);
const flag = v.boolean("true or false");

const share = v.custom<number>((value) => typeof value === "number" && value >= 0 && value <= 100, "a share 0..100");
const pressure = v.strictObject({ avg10: share, avg60: share, avg300: share }, "avg10, avg60 and avg300");
const io = v.strictObject(
  { readBytes: bytes, writtenBytes: bytes, operations: bytes },
  "readBytes, writtenBytes and operations",
);

const memcg = v.pipe(
  v.looseObject(
    {
      path,
      badness: v.exactOptional(badness),
      kill: v.exactOptional(v.picklist(["process", "group"], '"process" or "group"')),
      rssBytes: v.exactOptional(bytes),
    },
    "a map",
  ),
  v.transform(
    usable({
      rssCeilingBytes: bytes,
      usageBytes: bytes,
      limitBytes: bytes,
      swapBytes: bytes,
      protectedBytes: bytes,
      memoryPressure: pressure,
      ioPressure: pressure,
      pgScans: bytes,
      io,
      preference: v.picklist(["prefer", "avoid"]),
    }),
  ),
);

const task = v.pipe(
  v.looseObject(
    {
      pid,
      memcg: path,
      rssBytes: v.exactOptional(bytes),
      badness: v.exactOptional(badness),
      startTime: v.exactOptional(bytes),
      oomScoreAdj: v.exactOptional(integer(-1000, 1000)),
      comm: v.exactOptional(comm),
      state: v.exactOptional(v.pipe(v.string("one letter"), v.regex(/^[A-Za-z]$/, "one letter"))),
      kernelThread: v.exactOptional(flag),
    },
    "a map",
  ),
  v.transform(usable({ dying: flag, swapBytes: bytes, pageTableBytes: bytes })),
);

/** The schema of a whole snapshot. */
export const snapshotSchema = v.pipe(
  v.looseObject(
    { oomMemcg: path, memcgs: listOf(memcg), tasks: listOf(task), exclude: listOf(pid) },
    "a map with oomMemcg, memcgs and tasks",
  ),
  v.transform(usable({ decidedBy: v.looseObject({ name: v.string(), args: v.record(v.string(), v.unknown()) }) })),
);

/** A list all of whose entries are commented out is null to YAML. */
function listOf<S extends v.GenericSchema>(entry: S) {
  const list = v.array(entry, "a list");
  return v.exactOptional(
    v.pipe(
      v.nullable(list),
      v.transform((entries) => entries ?? []),
    ),
    [],
  );
}

/** Leaves out those of these keys whose value is not of their kind. */
function usable<E extends v.ObjectEntries>(entries: E) {
  type Usable = Partial<v.InferOutput<v.ObjectSchema<E, undefined>>>;
  return <T extends object>(given: T): T & Usable => {
    const isUsable = ([key, value]: [string, unknown]) => {
      const schema = Object.hasOwn(entries, key) ? entries[key] : undefined;
      return schema === undefined || v.is(schema, value);
    };
    return Object.fromEntries(Object.entries(given).filter(isUsable)) as T & Usable;
  };
}

function badnessOf(value: unknown): number | null {
  if (typeof value !== "string") return isIntegerIn(value, 0, PROTECTED) ? value : null;
  const parsed = badnessValue.parse(value);
  return "value" in parsed ? parsed.value : null;
}

function integer(least: number, most: number) {
  return v.custom<number>((value) => isIntegerIn(value, least, most), `an integer ${least}..${most}`);
}

function isIntegerIn(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
}
