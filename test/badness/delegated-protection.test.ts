import { describe, expect, test } from "vitest";
import type { KnownXattrs } from "../../src/badness/known-xattrs.ts";
import { Priorities } from "../../src/badness/priorities.ts";
import { type JudgedXattrs, UNKNOWN_XATTRS } from "../../src/badness/xattrs.ts";
import { DEFAULTS } from "../../src/config/keys.ts";
import type { MemcgRule } from "../../src/config/types.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";

const node = (path: string): TreeNode => ({ path, name: "", ino: 1n, parent: null, children: new Map(), watch: null });

/** /tenant and what is below belongs to user 1000, but /tenant/guest to user 1001. */
const nodes = new Map(
  ["/", "/tenant", "/tenant/a", "/tenant/a/b", "/tenant/guest", "/tenant/guest/x", "/root"].map((path) => [
    path,
    node(path),
  ]),
);
const at = (path: string) => nodes.get(path) ?? node(path);

const ownerOf = (path: string) => {
  if (path.startsWith("/tenant/guest")) return 1001;
  return path.startsWith("/tenant") ? 1000 : 0;
};

function priorities(layers: Record<string, Partial<JudgedXattrs>>, memcgs: readonly MemcgRule[] = []): Priorities {
  const known: KnownXattrs = {
    of: ({ path }) => ({ ...UNKNOWN_XATTRS, owner: ownerOf(path), ...layers[path] }),
  };
  return new Priorities({ settings: DEFAULTS, memcgs, processes: [], files: [], directories: [], notes: [] }, known);
}

const user = (value: number) => ({ user: { badness: { value, source: "user.oom_badness" } } });
const trusted = (value: number) => ({ trusted: { badness: { value, source: "trusted.oom_badness" } } });

describe("what an ordinary owner protects is protected from their own OOMs alone", () => {
  test.each([
    ["/tenant/a", "/tenant/a", user(10_000), 10_000],
    ["/tenant", "/tenant/a", user(10_000), 10_000],
    ["/tenant/a", "/tenant/a/b", user(10_000), 10_000],
    ["/", "/tenant/a", user(10_000), 9_999],
    ["/", "/tenant/a", user(9_999), 9_999],
    ["/", "/tenant/a", user(0), 0],
    ["/tenant/guest", "/tenant/guest/x", user(10_000), 10_000],
    ["/tenant", "/tenant/guest/x", user(10_000), 9_999],
    ["/", "/root", user(10_000), 10_000],
    ["/", "/tenant/a", trusted(10_000), 10_000],
    ["/", "/tenant/a", { ...user(10_000), ...trusted(10_000) }, 10_000],
  ] as const)("OOM of %s, %s with %j: %i", (oomMemcg, path, layers, badness) => {
    expect(priorities({ [path]: layers }).memcgIn(at(oomMemcg), at(path)).badness.value).toBe(badness);
  });

  test("what a policy file protects is protected", () => {
    const rules = [{ glob: "/tenant/a", badness: 10_000, where: "f:1" }];
    const priority = priorities({ "/tenant/a": user(10_000) }, rules).memcgIn(at("/"), at("/tenant/a"));
    expect(priority.badness).toEqual({ value: 10_000, source: "f:1" });
  });

  test("what is set is shown as it is set", () => {
    expect(priorities({ "/tenant/a": user(10_000) }).memcg(at("/tenant/a")).badness.value).toBe(10_000);
  });
});
