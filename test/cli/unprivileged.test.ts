import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { Tenant } from "../support/tenant.ts";
import { treeDirectory } from "../support/tree-fixtures.ts";

const at = temporaryDirectory();
const reason = process.getuid?.() === 0 ? null : "only root can be another user";

test.skipIf(reason !== null)(
  `restore by somebody who may not says so, and nothing else (${reason ?? "as nobody"})`,
  () => {
    const control = at("memory/jobs/memory.oom_control");
    const text = "oom_kill_disable 1\nunder_oom 0\n";
    mkdirSync(at("memory/jobs"), { recursive: true });
    mkdirSync(at("run"));
    writeFileSync(control, text);
    const ino = `${statSync(at("memory/jobs"), { bigint: true }).ino}`;
    const armed = [{ memcg: "/jobs", ino, was: 0 }];
    const record = { version: 1, mountPoint: at("memory"), armed, foreign: [] };
    writeFileSync(at("run/armed.json"), JSON.stringify(record));
    chmodSync(at(), 0o755);
    expect(new Tenant().ctl("restore", "--runtime-dir", at("run"))).toEqual({
      code: 77,
      stdout: "",
      stderr: "badnessctl: cannot give back /jobs: EACCES\n",
    });
    expect(readFileSync(control, "utf8")).toBe(text);
  },
);

test.skipIf(reason !== null)("what cannot be read is not guessed, and keeps nobody from the tree", () => {
  mkdirSync(at("closed"));
  writeFileSync(at("closed/processes.json"), "");
  chmodSync(at("closed"), 0o700);
  const ctl = (...args: string[]) => new Tenant().ctl(...args, "--runtime-dir", at("closed"));
  expect(ctl("get", "--pid", `${process.pid}`)).toMatchObject({
    code: 77,
    stdout: "",
    stderr: expect.stringMatching(/^badnessctl: cannot tell .*: EACCES\n$/),
  });
  const tree = `${treeDirectory("kernel-threads")}/sys`;
  expect(ctl("tree", "--cgroup-root", tree)).toMatchObject({ code: 0, stderr: "" });
});
