/**
 * A short-lived child of the handler: `node compile.js ARGUMENT…` reads the command line and every file it
 * leads to, and writes one line of JSON to descriptor 3.
 *
 * The handler itself so never loads commander, yaml or valibot, which would double its memory, and no file
 * however hostile is parsed in the process that must answer an OOM.
 */
import { CommanderError } from "commander";
import { writeDescriptor } from "../kernel/config-files.ts";
import { parseArguments } from "./arguments.ts";
import { printFault } from "./fault.ts";
import { readConfig } from "./read-config.ts";
import { version } from "./version.ts";

const RESULT_FD = 3;
const UNUSABLE_ARGUMENTS = 2;
const BROKEN_CONFIGURATION = 78;

try {
  compile(process.argv.slice(2));
} catch (error) {
  // Commander has said what is wrong, or has printed help or the version, which it throws with 0.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : UNUSABLE_ARGUMENTS;
}

function compile(argv: readonly string[]): void {
  const { isConfigNamed, ...args } = parseArguments(argv, version());
  const read = readConfig(isConfigNamed ? args.configFile : null);
  if (read.kind === "good") {
    writeDescriptor(RESULT_FD, `${JSON.stringify({ arguments: args, config: read.config })}\n`);
    return;
  }
  process.stderr.write(read.faults.map((fault) => `${printFault(fault)}\n`).join(""));
  process.exitCode = BROKEN_CONFIGURATION;
}
