import { expect, test } from "vitest";
import { DEFAULTS } from "../../src/config/keys.ts";
import { policyWords, printPolicy } from "../../src/config/policy-words.ts";
import { applySysctlText } from "../../src/config/sysctl-file.ts";

test.each([
  ["kernel", "kernel", {}],
  ["  kernel\tdry=1 ", "kernel", { dry: "1" }],
  ["x a=b=c d=", "x", { a: "b=c", d: "" }],
  ["/etc/my\\040policy.mjs text=a\\040b", "/etc/my policy.mjs", { text: "a b" }],
  ["/etc/a=b.mjs", "/etc/a=b.mjs", {}],
])("%j", (text, name, args) => {
  const parsed = policyWords.parse(text);
  expect(parsed).toEqual({ value: { name, args } });
  if ("value" in parsed) expect(policyWords.parse(printPolicy(parsed.value))).toEqual(parsed);
});

test.each([
  ["", undefined, "got nothing"],
  ["dry=1", undefined, 'got "dry=1"'],
  ["kernel dry", 7, 'expected KEY=VALUE, got "dry"'],
  ["kernel =1", 7, 'expected KEY=VALUE, got "=1"'],
  ["kernel a=1 a=2", 11, "expected a once, got it again"],
])("%j is none", (text, at, wrong) => {
  expect(policyWords.parse(text)).toEqual({ wrong: expect.stringContaining(wrong), ...(at !== undefined && { at }) });
});

test("values of other types are printed as they are written", () => {
  const args = { recursive: true, dry: false, cgroup: ["/a", "/b"], postActionDelayMs: 5 };
  expect(printPolicy({ name: "x", args })).toBe("x recursive=1 dry=0 cgroup=/a,/b postActionDelayMs=5");
});

test("a further check of a key has its fault in the place of the value", () => {
  const checks = new Map([["oom.policy", () => ({ wrong: "no such policy" })]]);
  expect(applySysctlText(DEFAULTS, "f", "\noom.policy = nobody\n", checks).faults).toEqual([
    { file: "f", line: 2, column: 14, message: "oom.policy: no such policy" },
  ]);
});
