import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll } from "vitest";

/** A directory that is there while the tests of a file run; the function gives a path in it. */
export function temporaryDirectory(): (name?: string) => string {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(`${tmpdir()}/badnessd-test-`);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (name = "") => (name === "" ? directory : `${directory}/${name}`);
}
