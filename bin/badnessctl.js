#!/usr/bin/env node
import { setPriority } from "node:os";

// A fork bomb leaves no processor to whoever is to end it: what is loaded next would take half a minute.
if (process.argv.includes("kill-all")) {
  try {
    setPriority(-20);
  } catch {
    // Without CAP_SYS_NICE it waits for its turn.
  }
}
const { main } = await import("../dist/bundle/badnessctl.js");

process.stdout.on("error", (error) => {
  // Whoever read our output has seen enough, as head(1) has.
  if (error.code === "EPIPE") process.exit(0);
  console.error(`badnessctl: cannot write: ${error.message}`);
  process.exit(1);
});
await main(process.argv);
