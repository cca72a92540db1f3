import { expect, test } from "vitest";
import { takeHandover } from "../../src/kernel/exec.ts";
import { built, runScript } from "../support/script.ts";

/** Says who it is, and becomes a Node that runs `after`. */
function become(after: string, handover: string, options = {}) {
  const second = `import { takeHandover } from ${built("kernel/exec")};\n${after}`;
  const command = `[process.execPath, "--input-type=module", "--eval", ${JSON.stringify(second)}]`;
  return runScript(
    `
    import { become } from ${built("kernel/exec")};
    process.stdout.write("before " + process.pid + "\\n");
    process.stderr.write("before\\n");
    become(${command}, ${handover});
  `,
    options,
  );
}

test("the same pid, and the standard streams are what they were", () => {
  const after = `
    process.stdout.write("after " + process.pid + "\\n");
    process.stderr.write("after\\n");
    process.stdin.pipe(process.stdout);
  `;
  const { pid, code, stdout, stderr } = become(after, '""', { input: "from standard input" });
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: `before ${pid}\nafter ${pid}\nfrom standard input`,
    stderr: "before\nafter\n",
  });
});

test("the environment is what it was, and of the handover nothing is left in it", () => {
  const env = { ...process.env, EMPTY: "", EQUALS: "a=b=c", LINES: "two\nlines", UMLAUT: "é😀" };
  const { stdout } = become("takeHandover(); console.log(JSON.stringify(process.env));", '"x"', { env });
  expect(JSON.parse(stdout.split("\n")[1] ?? "")).toEqual(env);
});

test.each([
  ["empty", '""', 0],
  ["a line", '"one line\\n"', 9],
  ["1 MiB", '"é".repeat(2 ** 19)', 2 ** 20],
  ["16 MiB", '"x".repeat(2 ** 24)', 2 ** 24],
])("a text of %s is handed over whole, and taken once", (_, handover, bytes) => {
  const after = `
    import { createHash } from "node:crypto";
    import { readdirSync, readlinkSync } from "node:fs";
    const text = takeHandover();
    const again = takeHandover();
    const sameText = createHash("sha256").update(text).digest("hex") === createHash("sha256").update(${handover}).digest("hex");
    const links = readdirSync("/proc/self/fd").map((fd) => { try { return readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } });
    console.log(JSON.stringify({ bytes: Buffer.byteLength(text), sameText, again, left: links.filter((link) => link.includes("handover")) }));
  `;
  const { stdout } = become(after, handover);
  expect(JSON.parse(stdout.split("\n")[1] ?? "")).toEqual({ bytes, sameText: true, again: null, left: [] });
});

test("a signal that ends the process still does", () => {
  const { signal } = become('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1_000);', '""');
  expect(signal).toBe("SIGTERM");
});

test("a program that cannot be run is an error, and we are still here", () => {
  const { code, stdout } = runScript(`
    import { become } from ${built("kernel/exec")};
    try {
      become(["/nowhere/at/all", "x"], "text");
    } catch (error) {
      console.log(error.message);
    }
  `);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "cannot run /nowhere/at/all: ENOENT\n" });
});

test("nothing was handed over to who was started by hand", () => {
  expect(takeHandover()).toBeNull();
});
