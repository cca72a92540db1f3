import { expect, test } from "vitest";
import { parseProgramRanges } from "../../../src/kernel/parse/maps.ts";

test.each([
  ["code", "00400000-00e9b000 r-xp 00000000 fe:00 1234       /usr/bin/node", [{ start: 0x400000, bytes: 0xa9b000 }]],
  ["constants", "7f00-8f00 r--p 00002000 fe:00 12   /usr/lib/libc.so.6", [{ start: 0x7f00, bytes: 0x1000 }]],
  ["data", "7f00-8f00 rw-p 00002000 fe:00 12   /usr/lib/libc.so.6", []],
  ["shared with others", "7f00-8f00 r--s 00002000 fe:00 12   /var/cache/x", []],
  ["the heap", "7f00-8f00 rw-p 00000000 00:00 0   [heap]", []],
  ["of no file", "7f00-8f00 r-xp 00000000 00:00 0", []],
  ["the kernel's", "7f00-8f00 r-xp 00000000 00:00 0   [vdso]", []],
  ["not readable", "7f00-8f00 ---p 00000000 fe:00 12   /usr/lib/libc.so.6", []],
])("%s", (_, line, expected) => expect(parseProgramRanges(`${line}\n`)).toEqual(expected));
