import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseCgroupPath } from "../../../src/kernel/parse/proc-cgroup.ts";

test.each([
  ["alone", "4:memory:/jobs/a\n", "/jobs/a"],
  ["the root", "4:memory:/\n", "/"],
  ["among others", "9:name=systemd:/s\n8:pids:/p\n4:memory:/m\n0::/u\n", "/m"],
  ["mounted together with others", "4:cpu,memory,pids:/m\n", "/m"],
  ["first of them", "4:memory,pids:/m\n", "/m"],
  ["colons in the path", "4:memory:/a:b:4:memory:/c\n", "/a:b:4:memory:/c"],
  ["blanks and quotes in the path", '4:memory:/a b/"c" \n', '/a b/"c" '],
  ["bytes that are no UTF-8", "4:memory:/\udcff\n", "/\udcff"],
  ["a path that names another controller", "5:pids:/4:memory:/x\n4:memory:/m\n", "/m"],
  ["out of this cgroup namespace", "4:memory:/../x\n", "/../x"],
  ["a memcg that is removed", "4:memory:/a (deleted)\n", "/a (deleted)"],
  ["no line end", "4:memory:/m", "/m"],
  ["v2 alone", "0::/user.slice\n", null],
  ["a name that begins alike", "4:memory2,xmemory:/m\n", null],
  ["a named hierarchy", "4:name=memory:/m\n", null],
  ["cut short", "4:memo", null],
  ["cut short behind the name", "4:memory", null],
  ["empty", "", null],
])("%s", (_, text, path) => {
  expect(parseCgroupPath(text, "memory")).toBe(path);
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom("4", ":", "memory", ",", "/", "\n", "\r", "x");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (each) => {
      expect(parseCgroupPath(each, "memory")?.includes("\n") ?? false).toBe(false);
    }),
  );
});
