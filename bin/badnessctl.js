#!/usr/bin/env node
import { main } from "../dist/src/cli/badnessctl.js";

await main(process.argv);
