import { expect, test } from "vitest";
import { whyNotSet } from "../../src/badness/may-set.ts";

const ROOT = { uid: 0, isRoot: true };
const USER = { uid: 1000, isRoot: false };
const OWN = { realUid: 1000, effectiveUid: 1000 };

test.each([
  ["root raises", ROOT, OWN, 100, 10_000, null],
  ["root lowers another's", ROOT, OWN, 100, 0, null],
  ["whoever runs badnessd raises, though not root", { uid: 1000, isRoot: true }, OWN, 100, 5000, null],
  ["a user lowers their own", USER, OWN, 5000, 4999, null],
  ["a user lowers their own to the least", USER, OWN, 5000, 0, null],
  ["a user leaves their own as it is", USER, OWN, 5000, 5000, null],
  ["a user gives up protection", USER, OWN, 10_000, 9999, null],
  ["a user raises their own", USER, OWN, 5000, 5001, "only root may raise the badness of process 7 from 5000 to 5001"],
  [
    "a user protects their own",
    USER,
    OWN,
    5000,
    10_000,
    "only root may raise the badness of process 7 from 5000 to never",
  ],
  [
    "a user takes their own value back",
    USER,
    OWN,
    100,
    5000,
    "only root may raise the badness of process 7 from 100 to 5000",
  ],
  ["another user's", USER, { realUid: 1001, effectiveUid: 1001 }, 5000, 0, "process 7 is user 1001's, not user 1000's"],
  ["root's", USER, { realUid: 0, effectiveUid: 0 }, 5000, 0, "process 7 is user 0's, not user 1000's"],
  [
    "a set-user-ID program",
    USER,
    { realUid: 1000, effectiveUid: 0 },
    5000,
    0,
    "process 7 is user 0's, not user 1000's",
  ],
  [
    "a service that has become the user",
    USER,
    { realUid: 0, effectiveUid: 1000 },
    5000,
    0,
    "process 7 is user 0's, not user 1000's",
  ],
  [
    "another's, unchanged",
    USER,
    { realUid: 1001, effectiveUid: 1001 },
    5000,
    5000,
    "process 7 is user 1001's, not user 1000's",
  ],
] as const)("%s", (_, asker, owner, present, wanted, why) => {
  expect(whyNotSet({ pid: 7, asker, owner, present, wanted })).toBe(why);
});
