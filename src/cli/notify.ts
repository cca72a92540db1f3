import { basename } from "node:path";
import { createEventfd, drainEventfd } from "../kernel/eventfd.ts";
import { errno, errnoName } from "../kernel/libc.ts";
import { registerEvent } from "../kernel/memcg.ts";
import { watchReadable } from "../kernel/poll.ts";
import { O_RDONLY, openPath } from "../kernel/read.ts";
import { CommandFailed, type Context } from "./context.ts";

/** `badnessctl notify EVENT_CONTROL OOM_CONTROL`: a line per OOM notification, until interrupted. */
export function notify(context: Context, eventControl: string, oomControl: string): Promise<never> {
  // Writing to whatever file is named would spoil it.
  if (basename(eventControl) !== "cgroup.event_control") throw failure(`${eventControl} is no cgroup.event_control`);
  const oomControlFd = openPath(oomControl, O_RDONLY);
  if (oomControlFd < 0) throw failure(`cannot open ${oomControl}`, errnoName(errno()));
  const eventFd = createEventfd();
  const error = registerEvent(eventControl, eventFd, oomControlFd);
  if (error !== null) throw failure(`cannot register with ${eventControl}`, error);
  watchReadable(eventFd, () => {
    drainEventfd(eventFd);
    const asJson = () => JSON.stringify({ time: new Date().toISOString(), type: "notification", oomControl });
    context.print(context.json ? asJson() : "mem_cgroup oom event received");
  });
  return new Promise(() => {});
}

function failure(what: string, error?: string): CommandFailed {
  const text = error === undefined ? what : `${what}: ${error}`;
  return new CommandFailed(text, error === "EACCES" || error === "EPERM" ? 77 : 1);
}
