import { CommanderError } from "commander";
import { factsOfMachine } from "../policy/available.ts";
import { locateController } from "../start/preflight.ts";
import { parseArguments } from "./arguments.ts";
import { printFault } from "./fault.ts";
import { readConfig } from "./read-config.ts";
import type { Compiled } from "./types.ts";
import { version } from "./version.ts";

const UNUSABLE_ARGUMENTS = 2;
const BROKEN_CONFIGURATION = 78;

/** Reads the command line of badnessd and every file it leads to. Prints nothing but help, version, and misuse. */
export function compileArguments(argv: readonly string[]): Compiled {
  try {
    const { isConfigNamed, overrides, ...args } = parseArguments(argv, version());
    const mountPoint = locateController(args.cgroupRoot);
    // Where there is no controller, that is said elsewhere.
    const hasFact = typeof mountPoint === "string" ? factsOfMachine(mountPoint) : undefined;
    const read = readConfig(isConfigNamed ? args.configFile : null, overrides, hasFact);
    if (read.kind === "good") return { kind: "ready", arguments: args, config: read.config };
    return { kind: "exit", code: BROKEN_CONFIGURATION, faults: read.faults.map(printFault) };
  } catch (error) {
    // Commander has said what is wrong, or has printed help or the version, which it throws with 0.
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", code: error.exitCode === 0 ? 0 : UNUSABLE_ARGUMENTS, faults: [] };
  }
}
