/** What the handler tells its failsafe, and hears back: JSON, a message a line. */

/** Inode numbers travel as strings: JSON has no integers of 64 bits. */
export interface WatchRequest {
  readonly ino: string;
  readonly memcg: string;
  readonly delayMs: number;
  readonly was: boolean;
}

/** `clear`: the OOM of this memcg that went on until now is over. `probe`: to see whether it is read. */
export type ToFailsafe =
  | { readonly type: "watch"; readonly request: number; readonly memcgs: readonly WatchRequest[] }
  | { readonly type: "unwatch"; readonly inos: readonly string[] }
  | { readonly type: "clear"; readonly ino: string }
  | { readonly type: "probe" };

/** `watching` answers a `watch`. `loosened`: all was given to the kernel's killer, for these outstayed their delay. */
export type FromFailsafe =
  | { readonly type: "ready" }
  | { readonly type: "watching"; readonly request: number; readonly inos: readonly string[] }
  | { readonly type: "loosened"; readonly expired: readonly string[] };

/** Cuts what arrives into lines, and calls with each message. A line that is no JSON is dropped. */
export function messageReader<T>(onMessage: (message: T) => void): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      try {
        onMessage(JSON.parse(line) as T);
      } catch {
        // Cut short by a writer that died: what it had to say is lost, and its death is noticed.
      }
    }
  };
}
