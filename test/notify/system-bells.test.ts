import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { SystemBells } from "../../src/notify/system-bells.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const MIB = 1024 * 1024;
const uses = (mib: number) => writeFileSync(at("memory.usage_in_bytes"), `${mib * MIB}\n`);
/** What was registered since somebody asked last: the file takes the last one only. */
const registered = () => {
  const text = existsSync(at("cgroup.event_control")) ? readFileSync(at("cgroup.event_control"), "utf8") : "";
  writeFileSync(at("cgroup.event_control"), "");
  return text;
};
const descriptors = () => readdirSync("/proc/self/fd").length;

beforeEach(() => {
  uses(100);
  for (const file of ["cgroup.event_control", "memory.pressure_level"]) writeFileSync(at(file), "");
});

test("nothing is registered before somebody listens, and what there is then is given up in the end", () => {
  const before = descriptors();
  const bells = new SystemBells(at(), () => {}, at());
  expect(registered()).toBe("");
  bells.listen(80 * MIB);
  expect(registered()).toMatch(/^\d+ \d+ low,local/);
  expect(bells.refused).toEqual([]);
  expect(bells.hasRung()).toBe(false);
  bells.close();
  expect(descriptors()).toBe(before);
});

// The threshold stands at 140 MiB then.
test.each([
  ["nothing has changed", 100, 80, false],
  ["a little more is used, and there is as much less room", 110, 70, false],
  ["there is no room left, and swap", 134, 0, false],
  ["usage comes near it", 135, 45, true],
  ["usage has passed it", 145, 35, true],
  ["much has become free", 10, 170, true],
  ["caches were given up: as much is used, and there is less room", 100, 50, true],
])("the threshold moves along if %s", (_, usageMib, roomMib, moves) => {
  const bells = new SystemBells(at(), () => {}, at());
  bells.listen(80 * MIB);
  registered();
  uses(usageMib);
  bells.listen(roomMib * MIB);
  expect(registered() !== "").toBe(moves);
  bells.close();
});

test.each([["memory.pressure_level"], ["memory.usage_in_bytes"]])("what is not there is said: %s", (file) => {
  const bells = new SystemBells(at("nowhere"), () => {}, at());
  bells.listen(80 * MIB);
  expect(bells.refused).toContain(`${file}: ENOENT`);
  expect(bells.stallRefused).toBe("ENOENT");
  bells.close();
});
