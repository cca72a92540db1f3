/** The command line of badnessd. */
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_CONFIG_FILE } from "./read-config.ts";
import { defaultRuntimeDir } from "./runtime-dir.ts";
import type { Arguments } from "./types.ts";

interface Options {
  readonly config?: string;
  readonly runtimeDir?: string;
  readonly cgroupRoot?: string;
  readonly check?: boolean;
  readonly override: readonly string[];
}

/** Beside what the handler works with, what only reading the files needs. */
export interface ParsedArguments extends Arguments {
  readonly isConfigNamed: boolean;
  /** `KEY=VALUE`, over what the files say. */
  readonly overrides: readonly string[];
}

/** What the words after `badnessd` say; throws CommanderError for unusable ones, and after --help and --version. */
export function parseArguments(argv: readonly string[], version: string): ParsedArguments {
  const options = program(version).parse(argv, { from: "user" }).opts<Options>();
  return {
    configFile: options.config ?? DEFAULT_CONFIG_FILE,
    runtimeDir: options.runtimeDir ?? defaultRuntimeDir(),
    cgroupRoot: options.cgroupRoot ?? null,
    check: options.check ?? false,
    isConfigNamed: options.config !== undefined,
    overrides: options.override,
  };
}

function program(version: string): Command {
  return new Command("badnessd")
    .description("Handles out-of-memory of memcgs by priority: lower badness dies first.")
    .version(version)
    .option("--config <file>", `main configuration file (default: ${DEFAULT_CONFIG_FILE})`, path)
    .option("--runtime-dir <dir>", `sockets and state (default: ${defaultRuntimeDir()})`, path)
    .option("--cgroup-root <dir>", "mount point of the memory controller (default: from /proc/self/mountinfo)", path)
    .option("--check", "check the configuration and the machine, say what is amiss, and exit")
    .addOption(
      new Option("--override <assignment...>", "what `badnessctl sysctl -w` has changed").default([]).hideHelp(),
    )
    .allowExcessArguments(false)
    .exitOverride();
}

function path(text: string): string {
  if (text === "") throw new InvalidArgumentError("expected a path");
  return resolve(text);
}
