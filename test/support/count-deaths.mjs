/**
 * `count-deaths.mjs COMMAND…` runs the command, takes in every orphan it leaves, and once all are gone prints
 * `{"killed": …, "exited": …}`: how many died of SIGKILL, and how many otherwise.
 */
import { spawn } from "node:child_process";
import koffi from "koffi";

const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9;
const [command = "", ...args] = process.argv.slice(2);
const libc = koffi.load(null);
const prctl = libc.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
const waitpid = libc.func("waitpid", "int", ["int", "void *", "int"]);

prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
const status = new Int32Array(1);
const deaths = { killed: 0, exited: 0 };
while (waitpid(-1, status, 0) > 0) deaths[(status[0] & 0x7f) === SIGKILL ? "killed" : "exited"] += 1;
// Node waits for a child whose death it has not heard of: we were there first.
process.stdout.write(`${JSON.stringify(deaths)}\n`, () => process.exit());
