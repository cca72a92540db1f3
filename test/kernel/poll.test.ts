import { readdirSync, writeSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createEventfd, drainEventfd } from "../../src/kernel/eventfd.ts";
import { close } from "../../src/kernel/libc.ts";
import { createPipe, unreadBytes } from "../../src/kernel/pipe.ts";
import { watchReadable } from "../../src/kernel/poll.ts";
import { built, runScript } from "../support/script.ts";
import { until } from "../support/wait.ts";

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const signal = (fd: number) => writeSync(fd, ONE);

/** The event loop has been all the way round, and had time to say what there is to say. */
async function rounds(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}

test("one signal, one call", async () => {
  const fd = createEventfd();
  let calls = 0;
  const watch = watchReadable(fd, () => {
    calls += 1;
    drainEventfd(fd);
  });
  for (let count = 1; count <= 3; count++) {
    signal(fd);
    await until("the listener is called", () => calls === count);
    await rounds();
    expect(calls).toBe(count);
  }
  watch.stop();
  close(fd);
});

test("signals that come together are one call", async () => {
  const fd = createEventfd();
  let calls = 0;
  const watch = watchReadable(fd, () => {
    calls += 1;
    drainEventfd(fd);
  });
  for (let count = 0; count < 1_000; count++) signal(fd);
  await until("the listener is called", () => calls > 0);
  await rounds();
  expect(calls).toBe(1);
  watch.stop();
  close(fd);
});

test("what is not drained calls again", async () => {
  const fd = createEventfd();
  let calls = 0;
  const watch = watchReadable(fd, () => {
    calls += 1;
  });
  signal(fd);
  await until("it is called three times", () => calls >= 3);
  watch.stop();
  close(fd);
});

test("stop() inside the listener ends it, though the descriptor is still readable", async () => {
  const fd = createEventfd();
  let calls = 0;
  const watch = watchReadable(fd, () => {
    calls += 1;
    watch.stop();
    watch.stop();
  });
  signal(fd);
  await until("it is called", () => calls === 1);
  await rounds();
  expect(calls).toBe(1);
  close(fd);
});

test("stop() before the signal is seen: nobody is called, and the descriptor can be watched again", async () => {
  const fd = createEventfd();
  const first = watchReadable(fd, () => expect.unreachable("this one was stopped"));
  signal(fd);
  first.stop();
  let calls = 0;
  const second = watchReadable(fd, () => {
    calls += 1;
    drainEventfd(fd);
  });
  await until("the second is called", () => calls === 1);
  second.stop();
  close(fd);
});

test("1,000 watches: each hears its own signals, and nothing is left of them", async () => {
  const before = readdirSync("/proc/self/fd").length;
  const calls = new Map<number, number>();
  const watches = Array.from({ length: 1_000 }, () => {
    const fd = createEventfd();
    const watch = watchReadable(fd, () => {
      calls.set(fd, (calls.get(fd) ?? 0) + 1);
      drainEventfd(fd);
    });
    return { fd, watch };
  });
  const signalled = watches.filter((_, index) => index % 3 === 0).map(({ fd }) => fd);
  for (const fd of signalled) signal(fd);
  await until("all are called", () => calls.size === signalled.length);
  await rounds();
  expect([...calls.keys()].sort()).toEqual([...signalled].sort());
  expect([...calls.values()].every((count) => count === 1)).toBe(true);
  for (const { fd, watch } of watches) {
    watch.stop();
    close(fd);
  }
  await rounds();
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});

test("a descriptor that cannot be waited for is an error", () => {
  expect(() => watchReadable(1_000_000, () => {})).toThrow("cannot wait for fd 1000000");
});

test("the end of a pipe is readable when its other end is closed", async () => {
  const { readFd, writeFd } = createPipe();
  let calls = 0;
  const watch = watchReadable(readFd, () => {
    calls += 1;
    watch.stop();
  });
  await rounds();
  expect(calls).toBe(0);
  close(writeFd);
  await until("it is called", () => calls === 1);
  close(readFd);
});

test("bytes in a pipe that nobody has read", () => {
  const { readFd, writeFd } = createPipe();
  expect(unreadBytes(readFd)).toBe(0);
  writeSync(writeFd, "12345");
  expect([unreadBytes(readFd), unreadBytes(writeFd)]).toEqual([5, 5]);
  close(readFd);
  close(writeFd);
});

describe("in a process where nothing else happens", () => {
  const prelude = `
    import { writeSync } from "node:fs";
    import { createEventfd, drainEventfd } from ${built("kernel/eventfd")};
    import { watchReadable } from ${built("kernel/poll")};
    const fd = createEventfd();
    writeSync(fd, new Uint8Array(new BigUint64Array([1n]).buffer));
  `;

  test("a promise that a listener resolves goes on without another event", () => {
    const { code, stdout } = runScript(`${prelude}
      await new Promise((resolve) => watchReadable(fd, () => { drainEventfd(fd); resolve(); }));
      writeSync(1, "went on");
      process.exit(0);
    `);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "went on" });
  });

  test("and once it is stopped nothing keeps the process alive", () => {
    const { code, stdout } = runScript(`${prelude}
      const watch = watchReadable(fd, () => { watch.stop(); writeSync(1, "stopped"); });
    `);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "stopped" });
  });

  test("a listener that throws ends the process as any uncaught error does", () => {
    const { code, stderr } = runScript(`${prelude}
      watchReadable(fd, () => { throw new Error("from the listener"); });
    `);
    expect(code).toBe(1);
    expect(stderr).toContain("from the listener");
  });
});
