// Thousands of guarded memcgs: how long until all are armed, and how many file descriptors that takes.
import { readdirSync } from "node:fs";
import { fixed, table } from "./figures.js";
import { spawnBadnessd, untilArmed } from "./handlers.js";
import { make } from "./memcgs.js";

const MEMCGS = 3000;

/** @param {import("./run.js").Bench} bench */
export async function measureScale({ top, memcg }) {
  make(`${top}/many`);
  const dirs = Array.from({ length: MEMCGS }, (_, index) => make(`${top}/many/${index}`));
  const from = performance.now();
  const badnessd = spawnBadnessd(`${memcg}/many/*`);
  await untilArmed(badnessd, dirs.slice(0, 1));
  const firstMs = performance.now() - from;
  await untilArmed(badnessd, dirs);
  const allMs = performance.now() - from;
  const fds = readdirSync(`/proc/${badnessd.pid}/fd`).length;
  await badnessd.stop();
  return { memcgs: MEMCGS, firstMs, allMs, fds };
}

/** @param {Awaited<ReturnType<typeof measureScale>>} result */
export function scaleText({ memcgs, firstMs, allMs, fds }) {
  return `With ${memcgs} guarded memcgs\n${table([
    ["from spawn to the first armed", `${fixed(firstMs, 0)} ms`],
    ["from spawn to all armed", `${fixed(allMs, 0)} ms`],
    ["file descriptors of the handler", String(fds)],
  ])}`;
}
