import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePolicyText } from "../../src/config/policy-file.ts";
import { whyNotTrusted } from "../../src/kernel/trusted-file.ts";
import { whyNoPolicy } from "../../src/policy/shape.ts";
import { importUserPolicy, requireUserPolicy } from "../../src/policy/user-module.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { usePolicy } from "../support/use-policy.ts";

const at = temporaryDirectory();
const GOOD = `export default { name: "mine", summary: "x", rankForKilling: (all) => all, describeKill: () => "" };`;

function write(name: string, code: string, mode = 0o644): string {
  writeFileSync(at(name), code);
  chmodSync(at(name), mode);
  return at(name);
}

describe("a file that others could have written is not run", () => {
  test("ours, that nobody else can write, is", () => expect(whyNotTrusted(write("good.mjs", GOOD))).toBeNull());

  test("writable by others", () =>
    expect(whyNotTrusted(write("open.mjs", GOOD, 0o646))).toMatch(/can be written by others/));

  test("writable by a group", () =>
    expect(whyNotTrusted(write("group.mjs", GOOD, 0o664))).toMatch(/can be written by others/));

  test("the sticky bit, which keeps what is in a directory, keeps no file", () => {
    expect(whyNotTrusted(write("sticky.mjs", GOOD, 0o1666))).toMatch(/sticky\.mjs can be written by others/);
    mkdirSync(at("sticky"));
    chmodSync(at("sticky"), 0o1777);
    expect(whyNotTrusted(write("sticky/good.mjs", GOOD))).toBeNull();
  });

  test.skipIf(process.getuid?.() !== 0)("by way of another user's link, wherever on the way", () => {
    mkdirSync(at("real/deep"), { recursive: true });
    write("real/deep/good.mjs", GOOD);
    symlinkSync(at("real"), at("ours"));
    symlinkSync("../real/./deep", at("real/theirs"));
    lchownSync(at("real/theirs"), 65_534, 65_534);
    expect(whyNotTrusted(at("ours/deep/good.mjs"))).toBeNull();
    symlinkSync(at("ours/theirs/good.mjs"), at("by-link.mjs"));
    for (const name of ["real/theirs/good.mjs", "ours/theirs/good.mjs", "by-link.mjs"])
      expect(whyNotTrusted(at(name))).toMatch(/\/real\/theirs belongs to user 65534$/);
  });

  test("a link that leads in a circle", () => {
    symlinkSync(at("circle.mjs"), at("circle.mjs"));
    expect(whyNotTrusted(at("circle.mjs"))).toBe("cannot read it: ELOOP");
  });

  test("in a directory that others can write", () => {
    mkdirSync(at("shared"));
    chmodSync(at("shared"), 0o777);
    write("shared/good.mjs", GOOD);
    expect(whyNotTrusted(at("shared/good.mjs"))).toMatch(/shared can be written by others/);
    symlinkSync(at("shared/good.mjs"), at("link.mjs"));
    expect(whyNotTrusted(at("link.mjs"))).toMatch(/shared can be written by others/);
    symlinkSync(at("good.mjs"), at("shared/link.mjs"));
    expect(whyNotTrusted(at("shared/link.mjs"))).toMatch(/shared can be written by others/);
  });

  test.skipIf(process.getuid?.() !== 0)("another user's", () => {
    chownSync(write("theirs.mjs", GOOD), 1000, 1000);
    expect(whyNotTrusted(at("theirs.mjs"))).toMatch(/theirs\.mjs belongs to user 1000/);
  });

  test("no regular file", () => expect(whyNotTrusted(at(""))).toBe("it is no regular file"));
  test("not there", () => expect(whyNotTrusted(at("nowhere"))).toBe("cannot read it: ENOENT"));
});

describe.each([
  ["import", importUserPolicy],
  ["require", async (path: string) => requireUserPolicy(path)],
])("%s", (_, load) => {
  test("takes a module, by either name", async () => {
    for (const name of ["a.mjs", "a.js"])
      expect(await load(write(name, GOOD))).toMatchObject({ policy: { name: "mine" } });
  });

  test.each([
    ["throws.mjs", "throw new Error('no luck');", "it cannot be loaded: no luck"],
    ["syntax.mjs", "export default {", "it cannot be loaded: "],
    ["empty.mjs", "", "expected `export default` and an object"],
    ["nameless.mjs", "export default {};", "expected a name in small letters and dashes"],
  ])("%s", async (name, code, wrong) => {
    expect(await load(write(name, code))).toEqual({ wrong: expect.stringContaining(wrong) });
  });

  test("says who may change a file, and does not run it", async () => {
    expect(await load(write("open2.mjs", "process.exit(3)", 0o666))).toEqual({
      wrong: expect.stringMatching(/^it is refused: /),
    });
  });
});

test.each([
  ["for(;;);", "what stands at its top has not come to its end after 3000 ms"],
  ["process.exit(0);", "it ends the process that loads it"],
  [`await 0; ${GOOD}`, "a policy must not await at its top"],
])("%s at the top is a fault where the module is named, and no more", (code, why) => {
  const file = write(`top-${code.length}.mjs`, code);
  const { faults } = parsePolicyText("f.yaml", `memcgs:\n  /a: { policy: ${file} }\n  /b: { policy: ${file} }`);
  const message = `policy "${file}": it cannot be loaded: ${why}`;
  expect(faults).toEqual([2, 3].map((line) => ({ file: "f.yaml", line, column: 17, message })));
});

test("a module that has changed is another", async () => {
  await importUserPolicy(write("changes.mjs", GOOD));
  const later = await importUserPolicy(write("changes.mjs", GOOD.replace("mine", "other")));
  expect(later).toMatchObject({ policy: { name: "other" } });
});

describe("what it needs is asked of it with care", () => {
  test.each([
    ["() => { throw new Error('no luck'); }", "cannot say what it needs: it threw no luck"],
    ["() => 'swapBytes'", "cannot say what it needs: expected a list of facts from needs"],
    [
      "async () => { throw new Error('later'); }",
      "cannot say what it needs: it gave a promise, and policies are synchronous",
    ],
    ["() => ['swapByte']", 'needs "swapByte", which is no fact, expected usageBytes, limitBytes, swapBytes, '],
    ["() => ['toString']", 'needs "toString", which is no fact, '],
    ["() => [5]", 'needs "5", which is no fact, '],
  ])("%s", (needs, why) => {
    const file = write(`needs-${why.length}-${needs.length}.mjs`, GOOD.replace("summary", `needs: ${needs}, summary`));
    const { faults } = parsePolicyText("f.yaml", `memcgs:\n  /a: { policy: ${file} }`);
    expect(faults).toEqual([
      { file: "f.yaml", line: 2, column: 17, message: expect.stringContaining(`policy mine ${why}`) },
    ]);
    const [beside] = parsePolicyText("f.yaml", `memcgs:\n  /a: { policy: { dry: 1, name: ${file} } }`).faults;
    expect(beside).toMatchObject({ line: 2, column: 33 });
    expect(() => usePolicy(file)).toThrow(why);
  });

  test("facts that there are", () => {
    const file = write("needs.mjs", GOOD.replace("summary", "needs: () => ['swapBytes'], summary"));
    expect(usePolicy(file).policy.name).toBe("mine");
  });
});

describe("what is no policy", () => {
  const good = { name: "mine", summary: "x", rankForKilling: () => [], describeKill: () => "" };
  test.each<[string, object]>([
    ["an object", [good]],
    ["a name", { ...good, name: "Mine" }],
    ["a summary", { ...good, summary: "a\nb" }],
    ["the walk", { ...good, walk: "sideways" }],
    ["prerun to be a function", { ...good, prerun: 5 }],
    ["describeKill is missing", { ...good, describeKill: undefined }],
    ["arguments to be an object", { ...good, arguments: [] }],
    ["the argument x", { ...good, arguments: { x: { type: "flag", default: 1, summary: "" } } }],
    ["the argument x", { ...good, arguments: { x: { type: "integer", default: 1, summary: "" } } }],
    ["the argument x", { ...good, arguments: { x: { type: "choice", of: ["a"], default: "b", summary: "" } } }],
    ["the argument x", { ...good, arguments: { x: { type: "date", default: "b", summary: "" } } }],
  ])("expected %s", (what, exported) => expect(whyNoPolicy(exported)).toContain(what));

  test("either shape is one", () => {
    expect(whyNoPolicy({ ...good, arguments: { x: { type: "text", default: "", summary: "" } } })).toBeNull();
    expect(whyNoPolicy({ name: "mine", summary: "x", evaluateTask: () => "next" })).toBeNull();
  });
});
