/**
 * File names are bytes; paths here are strings. A byte that is not part of valid UTF-8 becomes a lone surrogate,
 * 0xff becomes U+DCFF (Python's surrogateescape, PEP 383): the way back is exact, and JSON carries it.
 */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The string for the bytes of a file name. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return escapeInvalid(bytes);
  }
}

/** The bytes of a path, with the NUL that system calls want behind them. */
export function toBytesZ(path: string): Uint8Array {
  if (path.isWellFormed()) return Buffer.from(`${path}\0`, "utf8");
  return Buffer.concat([toBytes(path), Buffer.of(0)]);
}

/** The bytes of a path. */
export function toBytes(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path, "utf8");
  const parts = Array.from(path, (character) => {
    const code = character.charCodeAt(0);
    const isEscape = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    return isEscape ? Buffer.of(code - 0xdc00) : Buffer.from(character, "utf8");
  });
  return Buffer.concat(parts);
}

/** What `node:fs` takes for a path: the string itself where that is exact. */
export function forNode(path: string): string | Buffer {
  return path.isWellFormed() ? path : toBytes(path);
}

/**
 * The path that is printed as this where a byte that is no UTF-8, or that a terminal obeys, is shown as `\xff`. A name may
 * also hold just these four characters, as systemd's do: whoever means a path looks for it as it is first.
 */
export function fromPrinted(path: string): string {
  return path.replace(/\\x(?!00)([0189a-f][0-9a-f]|7f)/g, (_, hex: string) => {
    const byte = Number.parseInt(hex, 16);
    return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  });
}

function escapeInvalid(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = validSequence(bytes, at);
    text +=
      length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : decoder.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

/** Length of the valid UTF-8 sequence that begins at `at`, or 0. */
function validSequence(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      decoder.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Not a whole sequence yet.
    }
  }
  return 0;
}

/** The memcg paths that `/a/b/c` lies below: `/a` and `/a/b`. */
export function ancestors(memcg: string): string[] {
  const names = memcg.split("/").slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}
