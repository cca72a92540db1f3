import type { Socket } from "node:net";
import { getsockopt } from "./libc.ts";

/** The process at the other end of a unix socket, as it was when it connected; see SO_PEERCRED in unix(7). */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** struct ucred: pid, uid, gid. */
const UCRED_BYTES = 12;

/** Who is at the other end, or null if that cannot be told. */
export function peerOf(socket: Socket): Peer | null {
  // Node gives the descriptor of a socket no other way.
  const fd = (socket as Socket & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  const credentials = Buffer.alloc(UCRED_BYTES);
  const length = new Int32Array([UCRED_BYTES]);
  if (fd === undefined || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) < 0) return null;
  return { pid: credentials.readInt32LE(0), uid: credentials.readUInt32LE(4) };
}
