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

const share = v.custom<number>((value) => typeof value === "number" && value >= 0 && value <= 100, "a share 0..100");
const pressure = v.strictObject({ avg10: share, avg60: share, avg300: share }, "avg10, avg60 and avg300");
const io = v.strictObject(
  { readBytes: bytes, writtenBytes: bytes, operations: bytes },
  "readBytes, writtenBytes and operations",
);

const memcg = v.looseObject(
  {
    path,
    badness: v.exactOptional(badness),
    kill: v.exactOptional(v.picklist(["process", "group"], '"process" or "group"')),
    rssBytes: v.exactOptional(bytes),
    rssCeilingBytes: v.exactOptional(bytes),
    usageBytes: v.exactOptional(bytes),
    limitBytes: v.exactOptional(bytes),
    swapBytes: v.exactOptional(bytes),
    protectedBytes: v.exactOptional(bytes),
    memoryPressure: v.exactOptional(pressure),
    ioPressure: v.exactOptional(pressure),
    pgScans: v.exactOptional(bytes),
    io: v.exactOptional(io),
    preference: v.exactOptional(v.picklist(["prefer", "avoid"], '"prefer" or "avoid"')),
    sample: v.exactOptional(v.unknown()),
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
    swapBytes: v.exactOptional(bytes),
    pageTableBytes: v.exactOptional(bytes),
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
    decidedBy: v.exactOptional(
      v.looseObject(
        { name: v.string("a name"), args: v.record(v.string(), v.unknown(), "a map") },
        "a map with name and args",
      ),
    ),
  },
  "a map with oomMemcg, memcgs and tasks",
);

function integer(least: number, most: number) {
  return v.custom<number>((value) => isIntegerIn(value, least, most), `an integer ${least}..${most}`);
}

function isIntegerIn(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
}
