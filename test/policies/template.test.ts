import { expect, test } from "vitest";
import { template } from "../../policies/template.ts";
import { bind } from "../../src/policy/loaded.ts";
import { rank } from "../../src/select/walk.ts";
import { grow, nameOf } from "../support/grow.ts";

const facts = { a: { rssBytes: 10, usageBytes: 50 }, b: { rssBytes: 40, usageBytes: 60 } };

test.each([
  [0, [2, 3, 9]],
  [30, [2, 9]],
])("with a floor of %i", (floorBytes, expected) => {
  const { policy, how } = bind({ name: template.name, args: { floorBytes } }, template);
  expect(Array.from(rank(grow({ "": [9], a: [2], b: [3] }, { memcgs: facts }), policy, how), nameOf)).toEqual(expected);
});
