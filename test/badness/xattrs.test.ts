import { describe, expect, test } from "vitest";
import { describeIgnored, judgeXattrs } from "../../src/badness/xattrs.ts";
import type { XattrValue } from "../../src/kernel/xattr.ts";

const TENANT = 1000;

/** Judges values of a directory; without more, all of it is root's. */
const judge = (values: Record<string, string | XattrValue>, owner = 0, parentOwner: number | null = 0) => {
  const found = Object.entries(values).map(([name, value]): [string, XattrValue] => [
    name,
    typeof value === "string" ? { text: value } : value,
  ]);
  return judgeXattrs({ owner, values: new Map(found) }, parentOwner);
};

describe("what is a value", () => {
  test.each([
    ["trusted.oom_badness", "0", { badness: { value: 0, source: "trusted.oom_badness" } }],
    ["trusted.oom_badness", "never", { badness: { value: 10_000, source: "trusted.oom_badness" } }],
    ["trusted.oom_kill", "group", { kill: { value: "group", source: "trusted.oom_kill" } }],
    ["trusted.oom_delay_ms", "2147483647", { delayMs: { value: 2_147_483_647, source: "trusted.oom_delay_ms" } }],
  ])("%s = %s", (name, text, trusted) => {
    expect(judge({ [name]: text })).toEqual({ trusted, user: {}, owner: 0, preference: null, ignored: [] });
  });

  test("each name has its own, and both may be set", () => {
    const { trusted, user } = judge({
      "trusted.oom_badness": "1",
      "user.oom_badness": "2",
      "user.oom_kill": "process",
    });
    expect(trusted).toEqual({ badness: { value: 1, source: "trusted.oom_badness" } });
    expect(user).toEqual({
      badness: { value: 2, source: "user.oom_badness" },
      kill: { value: "process", source: "user.oom_kill" },
    });
  });
});

describe("what is none, and is ignored", () => {
  const BAD = [
    ...["NaN", ".nan", ".inf", "Infinity", "-0", "+5", "-1", "1e999", "1e3", "9223372036854775808", "0x10", "0o17"],
    ...["010", "1_000", "1,000", "5 ", " 5", "5\n", "5\0", "\0", "", "null", "[]", "[5]", "1.5", "5.0", "10001"],
    ...["NEVER", "never ", "5\udcff", "\udcff\udcfe", "٥", "５", "5\u200b", "\u001b[31m5", "__proto__"],
  ];
  const NAMES = [
    ["oom_badness", "expected an integer 0..10000"],
    ["oom_kill", 'expected "process" or "group"'],
    ["oom_delay_ms", "expected milliseconds"],
  ] as const;

  describe.each(NAMES)("%s", (suffix, expected) => {
    // 10001 ms are a delay.
    test.each(BAD.filter((text) => suffix !== "oom_delay_ms" || text !== "10001"))("%j", (value) => {
      for (const namespace of ["trusted", "user"]) {
        const name = `${namespace}.${suffix}`;
        const judged = judge({ [name]: value });
        expect([judged.trusted, judged.user]).toEqual([{}, {}]);
        expect(judged.ignored).toEqual([{ name, value, reason: expect.stringContaining(expected) }]);
      }
    });

    test("a value that is too long to be one", () => {
      const { ignored } = judge({ [`user.${suffix}`]: { longerThan: 64 } });
      expect(ignored[0]?.reason).toContain(expected);
      expect(ignored[0]?.reason).toContain("more than 64 bytes");
    });
  });

  test("a bad one does not hide the others, nor one of the same name further down", () => {
    const { trusted, user, ignored } = judge({
      "trusted.oom_badness": "x",
      "user.oom_badness": "3",
      "trusted.oom_kill": "group",
    });
    expect([trusted.kill?.value, user.badness?.value, ignored.length]).toEqual(["group", 3, 1]);
  });

  test("what a terminal would obey is not printed", () => {
    const [ignored] = judge({ "user.oom_badness": "\u001b[2J\u202e\n5" }).ignored;
    if (ignored === undefined) throw new Error("it counts");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(describeIgnored(ignored)).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

describe("whose user.* counts", () => {
  test.each([
    ["all is root's", 0, 0, true],
    ["an owner below their own", TENANT, TENANT, true],
    ["the top of what was delegated", TENANT, 0, false],
    ["what an owner passed on to another", TENANT + 1, TENANT, false],
    ["root's, in the middle of an owner's", 0, TENANT, true],
    ["the root memcg, root's", 0, null, true],
    ["the root memcg, an owner's", TENANT, null, false],
    ["one whose parent is gone", TENANT, null, false],
  ])("%s", (_, owner, parentOwner, counts) => {
    const { user, ignored } = judge({ "user.oom_badness": "1", "user.oom_kill": "group" }, owner, parentOwner);
    expect(Object.keys(user)).toEqual(counts ? ["badness", "kill"] : []);
    expect(ignored.map(({ name }) => name)).toEqual(counts ? [] : ["user.oom_badness", "user.oom_kill"]);
    if (!counts) expect(ignored[0]?.reason).toContain(`belongs to user ${owner}`);
  });

  test.each([
    [TENANT, 0],
    [0, 0],
    [TENANT, TENANT],
  ])("trusted.* counts whoever owns it (%i below %i)", (owner, parentOwner) => {
    expect(judge({ "trusted.oom_badness": "1" }, owner, parentOwner).trusted.badness?.value).toBe(1);
  });
});

describe("oomd's prefer and avoid", () => {
  const WHY_TENANT = `the memcg belongs to user ${TENANT} and its parent to user 0, who ranks it`;

  test.each([
    ["being there is all they say", { "trusted.oomd_prefer": "" }, 0, "prefer"],
    ["whatever the value", { "user.oomd_avoid": "0" }, 0, "avoid"],
    ["too long a value", { "user.oomd_avoid": { longerThan: 64 } }, 0, "avoid"],
    ["prefer wins", { "trusted.oomd_avoid": "1", "user.oomd_prefer": "1" }, 0, "prefer"],
    ["a tenant's, in their own subtree", { "user.oomd_avoid": "1" }, TENANT, "avoid"],
    ["none", { "user.oom_badness": "1" }, 0, null],
  ])("%s", (_, values, owner, expected) => expect(judge(values, owner, owner).preference).toBe(expected));

  test("the top of a delegated subtree is ranked by whoever delegated it", () => {
    const { preference, ignored } = judge(
      { "user.oomd_avoid": "1", "user.oomd_prefer": { longerThan: 64 } },
      TENANT,
      0,
    );
    expect(preference).toBeNull();
    expect(ignored.map(describeIgnored)).toEqual(
      ["prefer", "avoid"].map((which) => `user.oomd_${which} is ignored: ${WHY_TENANT}`),
    );
    expect(judge({ "trusted.oomd_avoid": "1" }, TENANT, 0).preference).toBe("avoid");
  });
});
