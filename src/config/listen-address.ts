import { isIP, isIPv6 } from "node:net";
import type { ListenAddress } from "./types.ts";
import type { Parsed, ValueType } from "./values.ts";
import { wrong } from "./values.ts";

const LOOPBACK = "127.0.0.1";
const MOST_PORT = 65_535;

/** Where to listen, or nowhere. Addresses only: at an OOM nobody should have to wait for the answer to a name. */
export const listenAddress: ValueType<ListenAddress | null> = {
  expected: "a port for 127.0.0.1, or an address and a port as 0.0.0.0:9711 or [::1]:9711",
  parse: (text) => (text === "" ? { value: null } : parseAddress(text)),
};

/** The text that `listenAddress` reads as this. */
export function printListenAddress(address: ListenAddress | null): string {
  if (address === null) return "";
  const { host, port } = address;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseAddress(text: string): Parsed<ListenAddress> {
  const [, six, four, digits = ""] = /^(?:(?:\[([^\]]*)\]|([0-9.]+)):)?([1-9][0-9]{0,4})$/.exec(text) ?? [];
  const host = six ?? four ?? LOOPBACK;
  const isAddress = six === undefined ? isIP(host) === 4 : isIPv6(six);
  const port = Number(digits);
  return isAddress && port > 0 && port <= MOST_PORT ? { value: { host, port } } : wrong(listenAddress.expected, text);
}
