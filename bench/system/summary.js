// From what rounds.sh prints, on standard input, to a table in Markdown: a line for every handler and machine.
import { readFileSync } from "node:fs";

/** @typedef {{ handler: string, scenario: string, swapMib: number, died: string[], kernelKills: number, handlerLives: boolean, tookMs: number }} Round */

/** @type {Map<string, Round[]>} */
const groups = new Map();
for (const line of readFileSync(0, "utf8").split("\n")) {
  if (!line.startsWith("{")) continue;
  /** @type {Round} */
  const round = JSON.parse(line);
  const key = `${round.scenario} | ${round.swapMib} | ${round.handler}`;
  groups.set(key, [...(groups.get(key) ?? []), round]);
}

console.log(
  "| scenario | swap, MiB | handler | rounds | batch alone died | others died | nobody died | the kernel killed | seconds |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
for (const [key, rounds] of [...groups].sort()) {
  /** @param {(round: Round) => boolean} is */
  const count = (is) => rounds.filter(is).length;
  const times = rounds.map(({ tookMs }) => tookMs / 1000).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const cells = [
    key,
    rounds.length,
    count(({ died }) => died.join() === "batch"),
    count(({ died }) => died.some((name) => name !== "batch")),
    count(({ died }) => died.length === 0),
    count(({ kernelKills }) => kernelKills > 0),
    median.toFixed(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
