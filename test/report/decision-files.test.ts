import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DecisionFiles } from "../../src/report/decision-files.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const path = temporaryDirectory();
let count = 0;
const runtimeDir = () => path(`${++count}`);
const namesIn = (dir: string) =>
  readdirSync(`${dir}/decisions`).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

test("a hundred are kept, the last ones, for everybody to read", () => {
  const dir = runtimeDir();
  const files = new DecisionFiles(dir);
  const last = Array.from({ length: 120 }, (_, index) => files.keep(`text ${index}`)).at(-1) ?? "";
  expect(namesIn(dir)).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 21}.yaml`));
  expect(readFileSync(last, "utf8")).toBe("text 119");
  expect(statSync(last).mode & 0o777).toBe(0o644);
});

test("of large ones fewer are kept, and of one that is too large nothing", () => {
  const dir = runtimeDir();
  const files = new DecisionFiles(dir, 1_000);
  for (let index = 0; index < 5; index++) files.keep("é".repeat(200));
  expect(namesIn(dir)).toEqual(["4.yaml", "5.yaml"]);
  expect(files.keep("x".repeat(1_001))).toBeNull();
  expect(namesIn(dir)).toEqual(["4.yaml", "5.yaml"]);
});

test("those of earlier runs stay as long as there is room, what was cut short goes, and what is not ours stays", () => {
  const dir = runtimeDir();
  mkdirSync(`${dir}/decisions`, { recursive: true });
  for (const name of ["9.yaml", "10.yaml", "11.yaml.new", "123-4.yaml", "notes.txt"]) {
    writeFileSync(`${dir}/decisions/${name}`, "x".repeat(400));
  }
  const files = new DecisionFiles(dir, 1_000);
  expect(namesIn(dir)).toEqual(["9.yaml", "10.yaml", "notes.txt"]);
  expect(files.keep("x".repeat(400))).toBe(`${dir}/decisions/11.yaml`);
  expect(namesIn(dir)).toEqual(["10.yaml", "11.yaml", "notes.txt"]);
});

test("where nothing can be written a decision is made all the same", () => {
  writeFileSync(path("file"), "");
  expect(new DecisionFiles(path("file")).keep("x")).toBeNull();
});
