// The command line of the bench.
import { parseArgs } from "node:util";

const FIGURES = ["c", "badnessd", "kernel", "size", "start", "scale"];

export const USAGE = `Usage: npm run bench -- [options]
  --rounds N    rounds of the latency figures (default 30)
  --only LIST   of ${FIGURES.join(", ")} (default all)
  --json        one JSON object instead of text
  --uss-alone   only the size, with no other node process beside badnessd (as far as this bench can help)`;

/** @param {string[]} args */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "30" },
      only: { type: "string", default: FIGURES.join(",") },
      json: { type: "boolean", default: false },
      "uss-alone": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const only = new Set(values.only.split(","));
  const unknown = [...only].filter((figure) => !FIGURES.includes(figure));
  if (unknown.length > 0) throw new TypeError(`--only takes ${FIGURES.join(", ")}, got "${unknown.join(",")}"`);
  if (!/^[1-9]\d*$/.test(values.rounds))
    throw new TypeError(`--rounds takes a positive integer, got "${values.rounds}"`);
  return { ...values, only, rounds: Number(values.rounds), ussAlone: values["uss-alone"] };
}
