import { expect, test } from "vitest";
import { KillerVoice } from "../../src/witness/killer-voice.ts";

const SUMMARY =
  "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=sh,pid=7,uid=0";
const killed = (pid: number) => `Memory cgroup out of memory: Killed process ${pid} (sh) total-vm:1kB, anon-rss:1kB`;
const place = { oomMemcg: "/a", memcg: "/a/b" };

/** `…` at the beginning of a text: it continues another. */
const hear = (...texts: readonly string[]) => {
  const voice = new KillerVoice(() => true);
  return texts.flatMap((text) => {
    const isContinuation = text.startsWith("…");
    return voice.hear({ text: isContinuation ? text.slice(1) : text, isContinuation }) ?? [];
  });
};

test.each([
  ["summary and kill", [SUMMARY, killed(7)], [place]],
  ["other messages between", [SUMMARY, "sh invoked oom-killer", "x", killed(7)], [place]],
  [
    "a summary in pieces",
    [SUMMARY.slice(0, 60), "y", `…${SUMMARY.slice(60, 100)}`, `…${SUMMARY.slice(100)}`, killed(7)],
    [place],
  ],
  ["a kill without a summary", [killed(7)], [null]],
  ["a second kill without a summary", [SUMMARY, killed(7), killed(8)], [place, null]],
  ["a pid that comes again without a summary", [SUMMARY, killed(7), killed(7)], [place, null]],
  ["a summary of somebody else", [SUMMARY, killed(8)], [null]],
  ["a summary without a kill", [SUMMARY], []],
])("%s", (_, texts, places) => {
  expect(hear(...texts).map((kill) => kill.place)).toEqual(places);
});

test("an old kernel says the cause in the summary alone", () => {
  const system =
    "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=sh,pid=7,uid=0";
  const line = "Killed process 7 (sh) total-vm:1kB, anon-rss:1kB";
  expect(hear(SUMMARY, line, system, line, line).map(({ cause }) => cause)).toEqual(["memcg", "system", "memcg"]);
});

test("a summary that never ends does not fill our memory", () => {
  const pieces = Array.from({ length: 10_000 }, () => `…${"x".repeat(1_000)}`);
  expect(hear(SUMMARY.slice(0, 60), ...pieces, killed(7))).toMatchObject([{ pid: 7, place: null }]);
});
