/** Files without a name, in memory. */
import { closeSync, writeSync } from "node:fs";
import { orThrow } from "./kernel-error.ts";
import { library } from "./libc.ts";
import { toBytesZ } from "./path.ts";

const memfdCreate = library.func("memfd_create", "int", ["void *", "uint"]) as (
  nameZ: Uint8Array,
  flags: number,
) => number;
const MFD_CLOEXEC = 1;

/** Whether a program that is executed in our place finds the file open. */
export type Reach = "us" | "successor";

/** Descriptor of a file with this text, to be read from its beginning. Throws, as with EMFILE or ENOMEM. */
export function createTextFile(name: string, text: string, reach: Reach = "us"): number {
  const fd = orThrow(memfdCreate(toBytesZ(name), reach === "us" ? MFD_CLOEXEC : 0), "cannot create a memfd");
  try {
    const bytes = Buffer.from(text);
    // By position, since whoever inherits it reads on from where we are.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
