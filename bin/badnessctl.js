#!/usr/bin/env node
import { main } from "../dist/src/cli/badnessctl.js";

process.stdout.on("error", (error) => {
  // Whoever read our output has seen enough, as head(1) has.
  if (error.code === "EPIPE") process.exit(0);
  console.error(`badnessctl: cannot write: ${error.message}`);
  process.exit(1);
});
await main(process.argv);
