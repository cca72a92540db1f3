/**
 * A process that takes memory, for the demo and the tests: `hog.js hold MIB` touches so much, prints "ready" and sleeps;
 * `hog.js grow MIB` goes on from there, a MiB at a time, until something stops it.
 */
const MIB = 1024 * 1024;

const [how = "hold", size = "0"] = process.argv.slice(2);
/** Filled and never freed; every page is touched from user space, where an OOM waits rather than fails. */
const taken: Buffer[] = [];

for (let count = 0; count < Number(size); count++) taken.push(Buffer.alloc(MIB, 1));
process.stdout.write("ready\n");
if (how === "grow") setInterval(() => taken.push(Buffer.alloc(MIB, 1)), 1);
else setInterval(() => taken.length, 1 << 30);
