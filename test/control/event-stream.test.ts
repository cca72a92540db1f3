import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { askLines } from "../../src/control/client.ts";
import { type DaemonAnswers, routesOf } from "../../src/control/daemon-routes.ts";
import { serve } from "../../src/control/server.ts";
import { Reporter } from "../../src/report/events.ts";
import { checkEvent } from "../support/event-schema.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { until } from "../support/wait.ts";

const path = temporaryDirectory();
let server: Server | null = null;
let runs = 0;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const start = async (capacity: number) => {
  const runtimeDir = path(`${++runs}`);
  mkdirSync(runtimeDir);
  const reporter = new Reporter(capacity);
  // No other route is asked for.
  server = await serve(runtimeDir, routesOf({ reporter } as unknown as DaemonAnswers));
  return { runtimeDir, reporter };
};
const report = (reporter: Reporter, count: number, size = 1) => {
  for (let index = 0; index < count; index++) reporter.report({ type: "fault", what: "x".repeat(size) });
  reporter.flush();
};
const typesOf = (lines: readonly string[]) => lines.map((line) => checkEvent(JSON.parse(line)).type);

/** A client that asks to follow, and reads when it is told to. */
const follow = (runtimeDir: string) => {
  const socket = connect(`${runtimeDir}/control.sock`);
  const lines: string[] = [];
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.filter((line) => line.startsWith("{")));
  });
  socket.write("GET /events?follow HTTP/1.0\r\n\r\n");
  return { socket, lines };
};

test("what happened so far comes as a whole, however much it is, and ends", async () => {
  const { runtimeDir, reporter } = await start(1_000);
  report(reporter, 900, 4_000);
  const lines: string[] = [];
  for await (const line of askLines(runtimeDir, "/events")) lines.push(line);
  expect(typesOf(lines)).toEqual(Array(900).fill("fault"));
});

test("who follows hears of the end, and of all before it, even if more is waiting than is written at once", async () => {
  const { runtimeDir, reporter } = await start(10);
  const lines: string[] = [];
  const ended = (async () => {
    for await (const line of askLines(runtimeDir, "/events?follow")) lines.push(line);
  })();
  report(reporter, 1);
  await until("it follows", () => lines.length === 1);
  for (let index = 0; index < 50; index++) reporter.report({ type: "fault", what: "x".repeat(1_000) });
  reporter.end();
  await ended;
  expect(lines).toHaveLength(51);
});

test("who follows hears of what happens next", async () => {
  const { runtimeDir, reporter } = await start(10);
  report(reporter, 3);
  const { socket, lines } = follow(runtimeDir);
  await until("the first", () => lines.length === 3);
  report(reporter, 2);
  await until("the rest", () => lines.length === 5);
  socket.destroy();
});

test("who stops reading loses events, is told how many, and holds nobody up", async () => {
  const { runtimeDir, reporter } = await start(10);
  const { socket, lines } = follow(runtimeDir);
  const other = follow(runtimeDir);
  report(reporter, 1);
  await until("both are there", () => lines.length === 1 && other.lines.length === 1);
  socket.pause();
  for (let round = 1; round <= 100; round++) {
    report(reporter, 200, 1_000);
    await until("the other has all", () => other.lines.length === 1 + round * 200);
  }
  socket.resume();
  await until("it has the rest", () => lines.some((line) => line.includes('"lost"')));
  report(reporter, 1);
  await until("and goes on", () => lines.at(-1)?.includes('"fault"') === true);
  const events = lines.map((line) => JSON.parse(line) as { type: string; count?: number });
  const lost = events.reduce((sum, { type, count }) => sum + (type === "lost" ? (count ?? 0) : 0), 0);
  expect(lost).toBeGreaterThan(10_000);
  expect(events.filter(({ type }) => type === "fault").length + lost).toBe(20_002);
  typesOf(lines);
  for (const each of [socket, other.socket]) each.destroy();
});

test("who never reads at all costs no more than the limit, and goes unnoticed", async () => {
  const { runtimeDir, reporter } = await start(1_000);
  report(reporter, 1_000, 1_000);
  const idle = Array.from({ length: 10 }, () => follow(runtimeDir));
  for (const { socket } of idle) socket.pause();
  await sleep(50);
  report(reporter, 5_000, 1_000);
  for (const { socket } of idle) socket.destroy();
  const { socket, lines } = follow(runtimeDir);
  await until("the server answers", () => lines.length === 1_000);
  socket.destroy();
});
