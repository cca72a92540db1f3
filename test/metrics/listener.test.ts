import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MetricsListener } from "../../src/metrics/listener.ts";
import { freePort, listenAnywhere } from "../support/free-port.ts";
import { until } from "../support/wait.ts";

const HOST = "127.0.0.1";
let port: number;
let listener: MetricsListener;
let faults: string[];
let metrics: () => Promise<string>;

beforeEach(async () => {
  port = await freePort();
  faults = [];
  metrics = async () => "a 1\n";
  listener = new MetricsListener({
    metrics: () => metrics(),
    onFault: (what) => faults.push(what),
    retryMs: 50,
  });
});

afterEach(() => listener.stop());

const url = (path = "/metrics", at = port) => `http://${HOST}:${at}${path}`;

async function answers(at: string): Promise<boolean> {
  try {
    return (await fetch(at)).ok;
  } catch {
    return false;
  }
}

async function listen(): Promise<void> {
  listener.configure({ host: HOST, port });
  await until("it listens", () => answers(url()));
}

/** What a client gets that says this and no more, until it is shown out. */
async function say(text: string): Promise<string> {
  const socket = connect(port, HOST);
  let got = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    got += chunk;
  });
  socket.write(text);
  await until("it is closed", () => socket.closed);
  return got;
}

test("GET /metrics is answered, and tells of its format", async () => {
  await listen();
  const response = await fetch(url("/metrics?collect=x"));
  expect([response.status, await response.text()]).toEqual([200, "a 1\n"]);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(faults).toEqual([]);
});

test.each([
  ["another path", "GET /status HTTP/1.1\r\nhost: x\r\n\r\n", /^HTTP\/1.1 404 /],
  ["the control socket's own", "POST /sysctl HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}", /^HTTP\/1.1 404 /],
  ["another method", "POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n", /^HTTP\/1.1 404 /],
  ["a path that is none", "GET // HTTP/1.1\r\nhost: x\r\n\r\n", /^HTTP\/1.1 404 /],
  ["no HTTP", "hello\r\n\r\n", /^HTTP\/1.1 400 /],
  ["a header that is too large", `GET /metrics HTTP/1.1\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
  ["nothing, for too long", "", /^$/],
  ["a body without an end", "GET /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n", /^HTTP\/1.1 200 /],
])("%s is shown out with an answer that fits", async (_, text, answer) => {
  await listen();
  expect(await say(text)).toMatch(answer);
});

test("metrics that cannot be had are an error, and the next ones may be had", async () => {
  await listen();
  metrics = () => Promise.reject(new Error("no memory"));
  const response = await fetch(url());
  expect([response.status, await response.text()]).toEqual([500, "no memory\n"]);
  metrics = async () => "b 2\n";
  expect(await (await fetch(url())).text()).toBe("b 2\n");
});

test("a crowd that says nothing keeps nobody out", async () => {
  await listen();
  const crowd: Socket[] = [];
  for (let count = 0; count < 200; count++) crowd.push(connect(port, HOST).on("error", () => {}));
  expect(await (await fetch(url())).text()).toBe("a 1\n");
  await until("most have been shown out", () => crowd.filter(({ closed }) => closed).length >= 200 - 16);
  for (const socket of crowd) socket.destroy();
});

test("an address that is in use is a fault, once, and is had as soon as it is free", async () => {
  const { server, port: taken } = await listenAnywhere();
  listener.configure({ host: HOST, port: taken });
  await until("it is said", () => faults.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(faults).toEqual([expect.stringMatching(`^no metrics on ${HOST}:${taken}: .*EADDRINUSE`)]);
  server.close();
  await until("it listens", () => answers(url("/metrics", taken)));
  expect(faults).toHaveLength(1);
});

test("an address that nobody here has is a fault, and another one mends it", async () => {
  listener.configure({ host: "192.0.2.1", port });
  await until("it is said", () => faults.length > 0);
  expect(faults).toEqual([expect.stringContaining("EADDRNOTAVAIL")]);
  await listen();
});

test("another address is listened on in the place of the old one, and none is none", async () => {
  await listen();
  const other = await freePort();
  listener.configure({ host: HOST, port: other });
  await until("it listens there", () => answers(url("/metrics", other)));
  expect(await answers(url())).toBe(false);
  listener.configure(null);
  expect(await answers(url("/metrics", other))).toBe(false);
  expect(faults).toEqual([]);
});

test("the same address again interrupts nobody", async () => {
  await listen();
  let release = (_text: string) => {};
  const isAsked = new Promise<void>((asked) => {
    metrics = () => {
      asked();
      return new Promise((resolve) => {
        release = resolve;
      });
    };
  });
  const response = fetch(url());
  await isAsked;
  listener.configure({ host: HOST, port });
  release("late 1\n");
  expect(await (await response).text()).toBe("late 1\n");
});
