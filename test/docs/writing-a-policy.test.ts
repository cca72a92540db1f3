/** The documentation does what it says: its files are written, its commands run, its output compared. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { parsePolicyText } from "../../src/config/policy-file.ts";
import { badnessctl } from "../support/commands.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const text = read("writing-a-policy.md");
const blocks = Array.from(text.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms), ([, language, file, body = ""]) => ({
  language,
  file,
  body,
}));

/** What the text puts into /etc/badnessd, and calls by its name alone, is in a directory of the test's own. */
const place = (words: string) =>
  words.replaceAll("/etc/badnessd/", at("x").slice(0, -1)).replace("tree.yaml", at("tree.yaml"));

const commands = blocks
  .filter(({ language }) => language === "console")
  .flatMap(({ body }) => body.split(/^\$ badnessctl /m).slice(1))
  .map((session) => {
    const end = session.indexOf("\n");
    return { line: session.slice(0, end), output: session.slice(end + 1) };
  });

beforeAll(() => {
  for (const { file, body } of blocks) if (file !== undefined) writeFileSync(at(file), body);
});

test.each(commands)("badnessctl $line", ({ line, output }) => {
  const words = Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => place(quoted ?? word));
  expect(badnessctl(...words)).toEqual({ code: 0, stdout: output, stderr: "" });
});

test.each(["writing-a-policy.md", "policies.md"])("the policy files of %s are whole", (name) => {
  const files = Array.from(read(name).matchAll(/^```yaml(?: policy.yaml)?\n(.*?)^```$/gms), ([, body = ""]) => body);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(parsePolicyText("f", place(file)).faults).toEqual([]);
});

test("it has a file of every kind, and commands", () => {
  expect(blocks.filter(({ file }) => file?.endsWith(".mjs"))).toHaveLength(3);
  expect(commands.length).toBeGreaterThan(4);
});
