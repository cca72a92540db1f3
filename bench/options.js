// The command line of the bench.
import { parseArgs } from "node:util";

const FIGURES = ["c", "badnessd", "kernel", "size", "start", "scale"];

export const USAGE = `Usage: npm run bench -- [options]
  --rounds N    rounds of the latency figures (default 30)
  --limit MIB   limit of each measured tree, 96 at least (default 256); a small hog takes the kernel less time to free
  --only LIST   of ${FIGURES.join(", ")} (default all)
  --json        one JSON object instead of text
  --uss-alone   only the size, with no other node process beside badnessd (as far as this bench can help)`;

/** @param {string[]} args */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "30" },
      limit: { type: "string", default: "256" },
      only: { type: "string", default: FIGURES.join(",") },
      json: { type: "boolean", default: false },
      "uss-alone": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const only = new Set(values.only.split(","));
  const unknown = [...only].filter((figure) => !FIGURES.includes(figure));
  if (unknown.length > 0) throw new TypeError(`--only takes ${FIGURES.join(", ")}, got "${unknown.join(",")}"`);
  const rounds = integer("--rounds", values.rounds, 1);
  return { ...values, only, rounds, limitMib: integer("--limit", values.limit, 96), ussAlone: values["uss-alone"] };
}

/** @param {string} option @param {string} text @param {number} least */
function integer(option, text, least) {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new TypeError(`${option} takes an integer of at least ${least}, got "${text}"`);
}
