/**
 * A short-lived child of the handler, at a reload: `node compile.js ARGUMENT…` reads the command line and every file
 * it leads to, and writes one line of JSON to descriptor 3.
 *
 * The handler itself so never loads commander, yaml or valibot, which would double its memory, and no file
 * however hostile is parsed in the process that must answer an OOM.
 */
import { writeDescriptor } from "../kernel/config-files.ts";
import { compileArguments } from "./compile-arguments.ts";

const RESULT_FD = 3;

const compiled = compileArguments(process.argv.slice(2));
if (compiled.kind === "ready") {
  const { arguments: args, config } = compiled;
  writeDescriptor(RESULT_FD, `${JSON.stringify({ arguments: args, config })}\n`);
} else {
  process.stderr.write(compiled.faults.map((fault) => `${fault}\n`).join(""));
  process.exitCode = compiled.code;
}
