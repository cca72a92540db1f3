import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hasRoom, type Look, MARGIN_BYTES, STILL_MS, Suspicion } from "../../src/silent/suspicion.ts";

const MIB = 1024 * 1024;
const STEP_MS = 300;
/** A memcg in which charges fail, as it was measured. */
const FULL = { marginBytes: 0, cacheBytes: 0, pageIns: 0 };

/** The first answer that is one, and when it came. */
function judge(looks: Iterable<Omit<Look, "atMs">>): { readonly answer: boolean | null; readonly atMs: number } {
  let suspicion: Suspicion | null = null;
  let atMs = 0;
  for (const look of looks) {
    suspicion ??= new Suspicion({ ...look, atMs });
    const answer = suspicion.take({ ...look, atMs });
    if (answer !== null) return { answer, atMs };
    atMs += STEP_MS;
  }
  return { answer: null, atMs };
}

function* every(look: (step: number) => Partial<Look>, steps = 100): Generator<Omit<Look, "atMs">> {
  for (let step = 0; step < steps; step++) yield { ...FULL, ...look(step) };
}

test.each<[string, (step: number) => Partial<Look>, boolean]>([
  ["charges fail", () => ({}), true],
  ["a few pages come and go meanwhile", (step) => ({ marginBytes: (step % 3) * 4096, pageIns: step * 13 }), true],
  ["memory.stat is behind: cache that is long gone", (step) => ({ cacheBytes: step < 6 ? 30 * MIB : 0 }), true],
  ["memory.stat is behind: pages that were charged before", (step) => ({ pageIns: step < 6 ? 0 : 16_340 }), true],
  ["a large file is read: room comes and goes", () => ({ marginBytes: 1.2 * MIB, cacheBytes: 62 * MIB }), false],
  ["a large file is read: to the page", (step) => ({ cacheBytes: 62 * MIB, pageIns: step * 400 }), false],
  ["dirty cache waits for its disk", () => ({ cacheBytes: 20 * MIB }), false],
  ["a program reads its own text again and again", (step) => ({ cacheBytes: MIB / 5, pageIns: step * 12_000 }), false],
  ["dentries fill it to the page, and are reclaimed", (step) => ({ marginBytes: step < 3 ? 0 : 46 * MIB }), false],
  ["somebody dies", (step) => ({ marginBytes: step < 7 ? 0 : 30 * MIB }), false],
])("%s", (_, look, expected) => {
  expect(judge(every(look)).answer).toBe(expected);
});

test("no answer but no before memory.stat must have been brought up to date", () => {
  expect(judge(every(() => ({})))).toEqual({ answer: true, atMs: STILL_MS });
});

const anyLook = fc.record({
  marginBytes: fc.oneof(fc.constant(0), fc.nat(2 * MARGIN_BYTES)),
  cacheBytes: fc.oneof(fc.constant(0), fc.nat(2 * MIB)),
  pageIns: fc.nat(200),
});

test("whoever is found full has had no room at all, and has stood still at last", () => {
  const steps = STILL_MS / STEP_MS;
  fc.assert(
    fc.property(fc.array(anyLook, { maxLength: 80 }), (each) => {
      let pageIns = 0;
      const looks = each.map((look) => {
        pageIns += look.pageIns;
        return { ...look, pageIns };
      });
      const { answer, atMs } = judge(looks);
      if (answer !== true) return;
      const seen = looks.slice(0, atMs / STEP_MS + 1);
      expect(seen.every(({ marginBytes }) => marginBytes < MARGIN_BYTES)).toBe(true);
      expect(seen.slice(-steps).every(({ cacheBytes }) => cacheBytes < MIB)).toBe(true);
    }),
  );
});

test("there is always an answer in the end", () => {
  fc.assert(fc.property(fc.infiniteStream(anyLook), (looks) => judge(looks).answer !== null));
});

test.each([
  ["to the page", { marginBytes: 0, cacheBytes: 0 }, false],
  ["less than the kernel charges at a time", { marginBytes: MARGIN_BYTES - 1, cacheBytes: 0 }, false],
  ["somebody has died", { marginBytes: MARGIN_BYTES, cacheBytes: 0 }, true],
  ["page cache has come in its place", { marginBytes: 0, cacheBytes: MIB }, true],
])("room: %s", (_, look, expected) => {
  expect(hasRoom({ ...FULL, ...look, atMs: 0 })).toBe(expected);
});
