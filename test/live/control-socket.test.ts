import type { ChildProcess } from "node:child_process";
import { createConnection, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeAsUser, openTo } from "../support/as-user.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

/** Each goes on until it is killed, and prints a line once it is at it. */
const ABUSE = {
  "10,000 connections, opened again as they are closed": `
    let opened = 0;
    const open = () => {
      const socket = createConnection(path);
      socket.on("connect", () => { if (++opened === 10_000) console.log("at it"); });
      socket.on("error", () => {});
      socket.on("close", () => setTimeout(open, 100));
    };
    const more = setInterval(() => { for (let i = 0; i < 200; i++) open(); if (opened > 10_000) clearInterval(more); }, 5);`,
  "slow writers": `
    const text = "POST /processes HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 60000\\r\\n\\r\\n" + "x".repeat(60_000);
    const open = () => {
      const socket = createConnection(path);
      let at = 0;
      const timer = setInterval(() => socket.write(text[at++]), 20);
      socket.on("error", () => {});
      socket.on("close", () => { clearInterval(timer); setTimeout(open, 10); });
    };
    for (let i = 0; i < 100; i++) open();
    setTimeout(() => console.log("at it"), 300);`,
  "garbage and lines of a megabyte": `
    const texts = ["\\0".repeat(5000), "GET / HTTP/9.9\\r\\n\\r\\n", "x".repeat(2 ** 20), "GET /" + "a".repeat(2 ** 20) + " HTTP/1.1\\r\\n\\r\\n",
      "GET // HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n", "POST /sysctl HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 1048576\\r\\n\\r\\n" + "[".repeat(2 ** 20),
      "POST /processes HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 60000\\r\\n\\r\\n" + "[".repeat(60_000), "\\r\\n".repeat(9000), "\\x16\\x03\\x01"];
    let done = 0;
    const open = (text) => {
      const socket = createConnection(path);
      socket.on("connect", () => socket.write(text));
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.on("close", () => { if (++done === 100) console.log("at it"); setTimeout(open, 1, text); });
    };
    for (const text of texts) for (let i = 0; i < 3; i++) open(text);`,
  "values set as fast as they are taken": `
    let done = 0;
    const open = () => {
      const body = JSON.stringify({ pid: process.pid, badness: 5000 });
      const socket = createConnection(path, () =>
        socket.write("POST /processes HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: " + body.length + "\\r\\n\\r\\n" + body));
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.on("close", () => { if (++done === 100) console.log("at it"); setImmediate(open); });
    };
    for (let i = 0; i < 16; i++) open();`,
  "followers that never read": `
    let open = 0;
    for (let i = 0; i < 100; i++) {
      const socket = createConnection(path, () => { socket.write("GET /events?follow HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n"); if (++open === 100) console.log("at it"); });
      socket.on("error", () => {});
    }
    setInterval(() => {}, 1000);`,
};

describe.skipIf(reason !== null)(`the control socket under abuse (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;
  let abuser: ChildProcess | null = null;
  const path = () => `${daemon.runtimeDir}/control.sock`;

  beforeEach(async () => {
    memcgs = new TestMemcgs(80);
    memcgs.make("a");
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`]);
    openTo(daemon);
    await daemon.start();
  });

  afterEach(async () => {
    abuser?.kill("SIGKILL");
    await daemon.clean();
    await memcgs.clean();
  });

  test.each(Object.entries(ABUSE))("%s: an OOM is handled in time, and root is answered", async (_, script) => {
    const start = `import { createConnection } from "node:net"; const path = process.argv[1];${script}`;
    abuser = await nodeAsUser(start, path());
    const hog = memcgs.grow("a");
    await until("the hog is dead", () => hog.signalCode === "SIGKILL", 10_000);
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
    expect(memcgs.kernelKills()).toBe(0);
    expect(await daemon.eventsOf("delay-expired")).toEqual([]);
    expect(daemon.ctl("status").code).toBe(0);
    expect(daemon.hasEnded).toBe(false);
  });

  test("root's own crowd keeps nobody waiting either, and is shown out in time", async () => {
    const crowd: Socket[] = [];
    for (let count = 0; count < 300; count++) crowd.push(createConnection(path()).on("error", () => {}));
    await sleep(100);
    expect((await daemon.status()).ready).toBe(true);
    await until(
      "all are out",
      () => crowd.every((socket) => socket.destroyed || socket.readyState === "closed"),
      10_000,
    );
  });

  test.each([
    ["a path that is none", "GET // HTTP/1.1\r\nhost: x\r\n\r\n", /^HTTP\/1.1 400 /],
    ["a route that is none", "GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n", /^HTTP\/1.1 404 /],
    ["a method that is none", "DELETE /status HTTP/1.1\r\nhost: x\r\n\r\n", /^HTTP\/1.1 404 /],
    ["no HTTP", "hello\r\n\r\n", /^HTTP\/1.1 400 /],
    ["a body that is no JSON", "POST /processes HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n{", /^HTTP\/1.1 400 /],
    [
      "a body that is too large",
      `POST /processes HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n${"x".repeat(70_000)}`,
      /^HTTP\/1.1 413 /,
    ],
    ["a header that is too large", `GET /status HTTP/1.1\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
  ])("%s gets an answer", async (_, text, answer) => {
    const socket = createConnection(path());
    let got = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      got += chunk;
    });
    socket.write(text);
    await until("it is closed", () => socket.closed);
    expect(got).toMatch(answer);
  });
});
