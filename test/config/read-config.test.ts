import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printFault } from "../../src/config/fault.ts";
import { readConfig } from "../../src/config/read-config.ts";

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "badnessd-config-"));
});

afterEach(() => rmSync(place, { recursive: true }));

/** A fixture in a place of its own, with its policy files named by a drop-in, since they must be absolute. */
function settle(fixture: string): string {
  cpSync(`fixtures/config/${fixture}`, place, { recursive: true });
  writeFileSync(join(place, "badnessd.conf.d/00-policies.conf"), `oom.policy_files = ${place}/policies/*.yaml\n`);
  return join(place, "badnessd.conf");
}

function write(name: string, content: string | Buffer): string {
  const path = join(place, name);
  writeFileSync(path, content);
  return path;
}

function worldWritable(path: string): void {
  writeFileSync(path, "");
  chmodSync(path, 0o666);
}

function faultsOf(file: string): string[] {
  const read = readConfig(file);
  return read.kind === "bad" ? read.faults.map((fault) => printFault(fault).replaceAll(place, "")) : [];
}

test("main file, drop-ins in name order, policy files: one whole", () => {
  const file = settle("whole");
  const read = readConfig(file);
  expect(read).toMatchObject({
    kind: "good",
    config: {
      settings: { guard: ["/jobs", "/tenants/*"], delayMs: 4000, dryRun: true, defaultBadness: 5000 },
      memcgs: [
        { glob: "/jobs/*", badness: 100, kill: "group", where: `${place}/policies/a.yaml:2` },
        { glob: "/jobs/web", badness: 9000, where: `${place}/policies/b.yaml:2` },
      ],
      processes: [{ match: { comm: "postgres" }, badness: 10_000, where: `${place}/policies/b.yaml:4` }],
      directories: [`${file}.d`, `${place}/policies`],
      notes: [],
    },
  });
});

test("every fault of every file at once", () => {
  expect(faultsOf(settle("broken"))).toEqual([
    expect.stringMatching(/^\/badnessd\.conf:1:1: unknown key "oom\.dealy_ms"/),
    '/badnessd.conf:2:15: oom.dry_run: expected 0 or 1, got "maybe"',
    '/badnessd.conf.d/10.conf:1:23: oom.default_badness: expected an integer 0..10000 or "never", got "10001"',
    '/policies/a.yaml:2:3: expected a path that begins with /, got "jobs"',
    '/policies/a.yaml:2:20: expected an integer 0..10000 or "never", got "1e3"',
    "/policies/b.yaml:2:1: Tabs are not allowed as indentation",
  ]);
});

describe("files that are not there", () => {
  test("a named main file is a fault", () => {
    expect(faultsOf(`${place}/none.conf`)).toEqual(["/none.conf:1:1: cannot read it: it does not exist"]);
  });

  test("policy files that nothing names, drop-ins, directories: no fault", () => {
    const file = write("c.conf", `oom.policy_files = ${place}/none/*.yaml ${place}/also-none.yaml`);
    expect(readConfig(file)).toMatchObject({ kind: "good", config: { memcgs: [], files: [file] } });
  });

  test("a policy file named twice counts once", () => {
    write("p.yaml", "memcgs: { /a: { badness: 1 } }");
    const file = write("c.conf", `oom.policy_files = ${place}/p.yaml ${place}/*.yaml`);
    expect(readConfig(file)).toMatchObject({ config: { memcgs: [{ glob: "/a" }] } });
  });
});

describe("what is no file of text is refused without waiting", () => {
  test.each<[string, (path: string) => void, string]>([
    ["a directory", (path) => mkdirSync(path), "1:1: cannot read it: not a regular file"],
    ["a FIFO", (path) => execFileSync("mkfifo", [path]), "1:1: cannot read it: not a regular file"],
    ["a link to a device", (path) => symlinkSync("/dev/zero", path), "1:1: cannot read it: not a regular file"],
    ["a link to itself", (path) => symlinkSync(path, path), "1:1: cannot read it: a symbolic link"],
    [
      "10 MB",
      (path) => writeFileSync(path, Buffer.alloc(10_000_000, "#")),
      "1:1: cannot read it: larger than 1048576 bytes",
    ],
    ["NUL", (path) => writeFileSync(path, "#\n\0"), "2:1: expected text, got a NUL byte"],
    [
      "Latin-1",
      (path) => writeFileSync(path, Buffer.from("# a\n# é\n", "latin1")),
      "2:3: expected UTF-8, got other bytes",
    ],
    [
      "UTF-16",
      (path) => writeFileSync(path, Buffer.from("\ufeff# a", "utf16le")),
      "1:1: expected UTF-8, got other bytes",
    ],
    [
      "a cut character",
      (path) => writeFileSync(path, Buffer.from([0x23, 0x20, 0xc3])),
      "1:3: expected UTF-8, got other bytes",
    ],
    ["writable by all", worldWritable, "1:1: cannot read it: expected an owner"],
  ])("%s", (_, make, message) => {
    make(`${place}/p.yaml`);
    make(`${place}/c.conf`);
    expect(faultsOf(`${place}/c.conf`)).toEqual([expect.stringContaining(`/c.conf:${message}`)]);
    const main = write("main.conf", `oom.policy_files = ${place}/*.yaml`);
    expect(faultsOf(main)).toEqual([expect.stringContaining(`/p.yaml:${message}`)]);
  });

  test("a byte order mark and CRLF are taken", () => {
    write("p.yaml", "\ufeffmemcgs:\r\n  /a: { badness: 1 }\r\n");
    const file = write("c.conf", `\ufeffoom.policy_files = ${place}/*.yaml\r\n`);
    expect(readConfig(file)).toMatchObject({ kind: "good", config: { memcgs: [{ glob: "/a", badness: 1 }] } });
  });
});

describe("a symbolic link is as good as the directory it stands in", () => {
  test("followed where only we can write", () => {
    symlinkSync(write("real", "oom.delay_ms = 1"), `${place}/c.conf`);
    expect(readConfig(`${place}/c.conf`)).toMatchObject({ config: { settings: { delayMs: 1 } } });
  });

  test.each([[0o777], [0o1777], [0o775]])("refused where others can, mode %o", (mode) => {
    symlinkSync(write("real", "oom.delay_ms = 1"), `${place}/c.conf`);
    chmodSync(place, mode);
    expect(faultsOf(`${place}/c.conf`)).toEqual([
      expect.stringContaining("a symbolic link in a directory that others may write"),
    ]);
  });

  test.skipIf(process.geteuid?.() !== 0)("a file of another user is refused, root or not", () => {
    chownSync(write("c.conf", ""), 65_534, 65_534);
    expect(faultsOf(`${place}/c.conf`)).toEqual([
      expect.stringContaining("expected an owner of root or the running user"),
    ]);
  });
});
