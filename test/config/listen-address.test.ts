import { expect, test } from "vitest";
import { listenAddress, printListenAddress } from "../../src/config/listen-address.ts";

test.each([
  ["", null, ""],
  ["9711", { host: "127.0.0.1", port: 9711 }, "127.0.0.1:9711"],
  ["127.0.0.1:9711", { host: "127.0.0.1", port: 9711 }, "127.0.0.1:9711"],
  ["0.0.0.0:1", { host: "0.0.0.0", port: 1 }, "0.0.0.0:1"],
  ["[::1]:65535", { host: "::1", port: 65_535 }, "[::1]:65535"],
  ["[fe80::1%eth0]:80", { host: "fe80::1%eth0", port: 80 }, "[fe80::1%eth0]:80"],
])("%j", (text, address, printed) => {
  expect(listenAddress.parse(text)).toEqual({ value: address });
  expect(printListenAddress(address)).toBe(printed);
  expect(listenAddress.parse(printed)).toEqual({ value: address });
});

test.each([
  "0",
  "65536",
  "099",
  "-1",
  "9711x",
  ":9711",
  "localhost:9711",
  "example.com:80",
  "127.0.0.1",
  "127.0.0.1:",
  "127.0.0.256:80",
  "127.1:80",
  "::1:9711",
  "[::1]",
  "[127.0.0.1]:80",
  "[]:80",
  "127.0.0.1:9711 ",
  "1 2",
  "unix:/run/x",
])("%j is none", (text) => {
  expect(listenAddress.parse(text)).toEqual({
    wrong: `expected ${listenAddress.expected}, got ${JSON.stringify(text)}`,
  });
});
