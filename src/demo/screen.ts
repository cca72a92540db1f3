import { CAST, LIMIT_MIB, type Scene } from "./scene.ts";

/** The whole story on one screen. */
export function screen({ where, decision, relieved, kernelKills, alive }: Scene, title: string): string {
  return [
    title,
    "",
    `${decision.memcg} may use ${LIMIT_MIB} MiB (Linux ${where}). In it:`,
    ...CAST.map(({ name, badness, part }) => `  ${name.padEnd(5)}  badness ${badness.padEnd(5)}  ${part}`),
    "",
    decision.explanation.trimEnd(),
    "",
    "Milliseconds after the kernel's notification:",
    ...timeline(relieved),
    "",
    `Killed by the kernel: ${kernelKills}. Alive: ${CAST.map(({ name }) => `${name} ${alive[name] ? "yes" : "no"}`).join(", ")}.`,
  ].join("\n");
}

function timeline({ steps }: Scene["relieved"]): string[] {
  if (steps === null) return ["  nobody had to die"];
  const rows: [number, string][] = [
    [steps.decidedMs, "decided, nothing but reads so far"],
    [steps.killedMs, "SIGKILL sent through a pidfd"],
    [steps.goneMs, "the victim is gone"],
    [steps.relievedMs, "nobody waits for memory any more"],
  ];
  return rows.map(([ms, what]) => `  ${ms.toFixed(1).padStart(6)}  ${what}`);
}
