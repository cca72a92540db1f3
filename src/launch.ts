/**
 * The first half of badnessd's life: reads its command line and files, looks whether this machine will do, and becomes
 * the handler. What only starting needs (arguments, YAML, schemas) is gone from memory then.
 */
import { fileURLToPath } from "node:url";
import { Priorities } from "./badness/priorities.ts";
import { compileArguments } from "./config/compile-arguments.ts";
import { become } from "./kernel/exec.ts";
import { LEAN_NODE } from "./kernel/lean-node.ts";
import type { Handover } from "./start/handover.ts";
import { rememberHangUps } from "./start/hang-up.ts";
import { type Finding, inspect, inspectSystem, locateController } from "./start/preflight.ts";
import { inspectRuntimeDir } from "./start/runtime-place.ts";

const HANDLER = fileURLToPath(new URL("./daemon.js", import.meta.url));

/** Becomes the handler, or sets the exit code and returns. */
export function launch(argv: readonly string[]): undefined {
  rememberHangUps();
  const compiled = compileArguments(argv);
  if (compiled.kind === "exit") return refuse(compiled.faults, compiled.code);
  const { arguments: args, config } = compiled;
  const mountPoint = locateController(args.cgroupRoot);
  const ofMachine = typeof mountPoint === "string" ? inspect(mountPoint, new Priorities(config).guard) : [mountPoint];
  // Without --check the handler takes the directory, or says why not.
  const findings = [...ofMachine, ...(args.check ? inspectRuntimeDir(args.runtimeDir) : [])];
  const fatal = findings.filter(({ severity }) => severity === "fatal");
  if (args.check) {
    // Without --check the handler says so itself, also after a reload.
    const ofSystem = typeof mountPoint === "string" ? inspectSystem(mountPoint, config.settings) : [];
    printFindings(config.notes, [...findings, ...ofSystem]);
  }
  if (fatal[0]) return refuse(args.check ? [] : fatal.map(({ text }) => text), fatal[0].exitCode);
  if (args.check || typeof mountPoint !== "string") return undefined;
  const notes = [...findings.map(({ text }) => text), ...config.notes];
  const handover: Handover = { arguments: args, config, mountPoint, notes, argv };
  become([process.execPath, ...LEAN_NODE, HANDLER], JSON.stringify(handover));
}

function refuse(lines: readonly string[], exitCode: number): undefined {
  for (const line of lines) console.error(line);
  process.exitCode = exitCode;
}

function printFindings(notes: readonly string[], findings: readonly Finding[]): void {
  for (const note of notes) console.log(`note: ${note}`);
  for (const { severity, text } of findings) console.log(`${severity}: ${text}`);
  if (findings.every(({ severity }) => severity === "note")) console.log("badnessd can run here");
}
