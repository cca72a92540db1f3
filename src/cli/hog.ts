/**
 * A process that takes memory, for the demo and the tests: `hog.js hold MIB` touches so much, prints "ready" and sleeps,
 * taking as many MiB more as each line on standard input says; `hog.js grow MIB` goes on from there, a MiB at a time,
 * until something stops it.
 */
const MIB = 1024 * 1024;

const [how = "hold", size = "0"] = process.argv.slice(2);
/** Filled and never freed; every page is touched from user space, where an OOM waits rather than fails. */
const taken: Buffer[] = [];

take(Number(size));
process.stdout.write("ready\n");
if (how === "grow") setInterval(() => take(1), 1);
else process.stdin.on("data", (line) => take(Number(line)));
setInterval(() => taken.length, 1 << 30);

function take(mib: number): void {
  for (let count = 0; count < mib; count++) taken.push(Buffer.alloc(MIB, 1));
}
