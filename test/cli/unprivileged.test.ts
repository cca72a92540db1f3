import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { Tenant } from "../support/tenant.ts";

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
