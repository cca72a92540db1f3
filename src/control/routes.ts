import type { ServerResponse } from "node:http";
import type { Peer } from "../kernel/peer.ts";

/** One request, as far as a route is concerned. */
export interface Asked {
  readonly query: URLSearchParams;
  /** Parsed JSON, or null where there was none. Anybody may have written it. */
  readonly body: unknown;
  readonly peer: Peer;
  /** For a route that goes on writing; others return what is to be sent. */
  readonly response: ServerResponse;
  /** For a route that goes on writing: without this it is cut off after some seconds. */
  readonly letStay: () => void;
}

/** What it returns is sent as JSON. */
export type Route = (asked: Asked) => unknown;

/** By method and path: `GET /status`. */
export type Routes = ReadonlyMap<string, Route>;

/** What a route throws to say no: `status` as in HTTP, 403 for who may not. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Root, and whoever runs the daemon: the files that it reads are theirs to write anyway. */
export function isRuler({ uid }: Peer): boolean {
  return uid === 0 || uid === process.getuid?.();
}

/** Only they may change what holds for all. */
export function mustRule({ peer }: Asked): void {
  if (!isRuler(peer)) throw new Refused(403, `user ${peer.uid} may not do that`);
}

/** `owner`: whose a memcg's directory is; null once it is gone, and then nobody can tell whose it was. */
export function mustOwn(owner: number | null, uid: number, memcg: string): void {
  if (owner === null) throw new Refused(404, `there is no memcg ${memcg}`);
  if (owner !== uid) throw new Refused(403, `${memcg} belongs to user ${owner}`);
}
