#!/usr/bin/env node
// An OOM is rare, so the path to a kill always runs cold: an optimizing compiler would cost memory and never help.
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--no-opt");
const { main } = await import("../dist/src/daemon.js");
await main(process.argv.slice(2));
