import { expect, test } from "vitest";
import { match } from "../../src/witness/match.ts";

const spoken = (...causes: readonly ("memcg" | "system")[]) =>
  causes.map((cause, index) => ({ pid: index + 1, comm: "x", cause, place: null }));

test.each<[string, string[], ReturnType<typeof spoken>, string[]]>([
  ["nothing", [], [], []],
  ["one of each", ["/a"], spoken("memcg"), ["/a memcg 1"]],
  ["two of each, in one memcg", ["/a", "/a"], spoken("memcg", "system"), ["/a memcg 1", "/a system 2"]],
  [
    "two of each, in two memcgs: who was where is not known",
    ["/a", "/b"],
    spoken("memcg", "memcg"),
    ["/a memcg ?", "/b memcg ?"],
  ],
  ["counted, and not spoken of", ["/a", "/a"], [], ["/a memcg ?", "/a memcg ?"]],
  ["more spoken of than counted: the others were elsewhere", ["/a"], spoken("memcg", "memcg"), ["/a memcg ?"]],
  ["less spoken of than counted", ["/a", "/a"], spoken("memcg"), ["/a memcg ?", "/a memcg ?"]],
  ["spoken of elsewhere", [], spoken("memcg"), []],
  ["of the system, elsewhere", [], spoken("system", "memcg"), ["null system 1"]],
  ["of the system, here and elsewhere", ["/a"], spoken("system", "system"), ["/a system ?", "null system ?"]],
])("%s", (_, places, kills, expected) => {
  const told = match(places, kills).map(({ memcg, kill }) => `${memcg} ${kill.cause} ${kill.pid ?? "?"}`);
  expect(told).toEqual(expected);
});
