#!/usr/bin/env node
// Makes a fresh clone ready: installs what is missing and builds what is out of date. Needs Node and npm only.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });

if (!existsSync(`${root}/node_modules/.package-lock.json`))
  run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
run("npm", "run", "--silent", "build");
