/** What may stand in a snapshot. Every message is the words for what was expected there. */
import * as v from "valibot";
import { absolutePath } from "../config/path-spelling.ts";
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

const badness = v.pipe(
  v.custom<number | "never">(
    (value) => value === "never" || isIntegerIn(value, 0, PROTECTED),
    `an integer 0..${PROTECTED} or "never"`,
  ),
  v.transform((value) => (value === "never" ? PROTECTED : value)),
);

const bytes = integer(0, Number.MAX_SAFE_INTEGER);
const pid = integer(1, 2 ** 31 - 1);
const flag = v.boolean("true or false");

const memcg = v.looseObject(
  {
    path,
    badness: v.exactOptional(badness),
    kill: v.exactOptional(v.picklist(["process", "group"], '"process" or "group"')),
    rssBytes: v.exactOptional(bytes),
    rssCeilingBytes: v.exactOptional(bytes),
  },
  "a map",
);

const task = v.looseObject(
  {
    pid,
    memcg: path,
    rssBytes: v.exactOptional(bytes),
    badness: v.exactOptional(badness),
    startTime: v.exactOptional(bytes),
    oomScoreAdj: v.exactOptional(integer(-1000, 1000)),
    comm: v.exactOptional(v.string("a string")),
    state: v.exactOptional(v.pipe(v.string("one letter"), v.regex(/^[A-Za-z]$/, "one letter"))),
    kernelThread: v.exactOptional(flag),
    dying: v.exactOptional(flag),
  },
  "a map",
);

/** The schema of a whole snapshot. */
export const snapshotSchema = v.looseObject(
  {
    oomMemcg: path,
    memcgs: v.exactOptional(v.array(memcg, "a list"), []),
    tasks: v.exactOptional(v.array(task, "a list"), []),
    exclude: v.exactOptional(v.array(pid, "a list"), []),
  },
  "a map with oomMemcg, memcgs and tasks",
);

function integer(least: number, most: number) {
  return v.custom<number>((value) => isIntegerIn(value, least, most), `an integer ${least}..${most}`);
}

function isIntegerIn(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
}
