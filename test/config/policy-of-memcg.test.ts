import { describe, expect, test } from "vitest";
import { parsePolicyText } from "../../src/config/policy-file.ts";
import type { HasFact } from "../../src/policy/table.ts";

describe("a policy for a memcg", () => {
  const policyOf = (text: string, hasFact?: HasFact) => {
    const { memcgs, faults } = parsePolicyText("f", `memcgs:\n  /a: { policy: ${text} }`, hasFact);
    return faults.length > 0
      ? faults.map(({ line, column, message }) => `${line}:${column} ${message}`)
      : memcgs[0]?.policy;
  };

  test.each([
    ["kernel", { name: "kernel", args: {} }],
    ["{ name: strict-priority, recursive: false }", { name: "strict-priority", args: { recursive: false } }],
    [
      '{ name: kernel, cgroup: "/a/b*,//c/", dry: 1, debug: 0, postActionDelayMs: 15000 }',
      { name: "kernel", args: { cgroup: ["/a/b*", "/c"], dry: true, debug: false, postActionDelayMs: 15_000 } },
    ],
  ])("%s", (text, use) => expect(policyOf(text)).toEqual(use));

  test.each([
    ["", "2:18 expected the name of a policy, or the path of one, got nothing"],
    ["[kernel]", "2:17 expected a mapping with name and the arguments of a policy, got a list"],
    ["{ dry: 1 }", '2:9 expected the key "name"'],
    ["{ name: kernel, dry: [1] }", "2:38 expected text, got a list"],
    ["nobody", /^2:17 unknown policy "nobody", expected one of strict-priority, .*, or an absolute path$/],
    ["{ name: kernel, dry: yes }", '2:38 expected 0, 1, true or false, got "yes"'],
    ["{ name: kernel, postActionDelayMs: -1 }", /^2:52 expected an integer 0\.\.\d+, got "-1"$/],
    ["{ name: kernel, cgroup: a }", '2:41 expected globs that begin with /, commas between them, got "a"'],
    ["{ name: kernel, colour: red }", /^2:33 unknown argument "colour", expected one of cgroup, recursive,/],
    ["/no/such.mjs", '2:17 policy "/no/such.mjs": it is refused: cannot read it: ENOENT'],
  ])("%s", (text, fault) => {
    const faults = policyOf(text);
    expect(faults).toEqual([typeof fault === "string" ? fault : expect.stringMatching(fault)]);
  });

  test("what is wrong with it is said along with what is wrong elsewhere", () => {
    const text =
      "memcgs:\n  /a: { badness: x, policy: nobody }\n  /b: [kernel]\n  /c: { policy: { name: kernel, dry: 2 } }\n";
    const { faults } = parsePolicyText("f", `${text}processes: x\n`);
    expect(faults.map(({ line, column }) => `${line}:${column}`)).toEqual(["2:18", "2:29", "3:7", "4:38", "5:12"]);
    expect(parsePolicyText("f", "memcgs: kernel\n").faults).toHaveLength(1);
  });

  test("one that needs what this kernel does not tell is refused when it is read, and says where it would be", () => {
    expect(policyOf("kernel", () => false)).toEqual([
      "2:17 policy kernel needs memory.limit_in_bytes, which this kernel does not have",
    ]);
  });
});
