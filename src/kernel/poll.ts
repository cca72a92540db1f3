/**
 * Waiting for descriptors that Node has no name for (eventfd, inotify, pidfd) on Node's own event loop, with libuv's
 * uv_poll through koffi: no worker, no thread of the pool, no wake-up of our own.
 */
import koffi from "koffi";
import { library } from "./libc.ts";

const UV_POLL = 8;
const UV_READABLE = 1;
const UV_PRIORITIZED = 8;

const PollCallback = koffi.proto("void PollCallback(void *handle, int status, int events)");
const uvDefaultLoop = library.func("void *uv_default_loop()");
const uvHandleSize = library.func("size_t uv_handle_size(int)");
const uvPollInit = library.func("int uv_poll_init(void *, void *, int)");
const uvPollStart = library.func("int uv_poll_start(void *, int, PollCallback *)");
const uvPollStop = library.func("int uv_poll_stop(void *)");
const uvClose = library.func("void uv_close(void *, PollCallback *)");

/** A descriptor that is being waited for. */
export interface Watch {
  /** Stops waiting; the descriptor may be closed afterwards. */
  stop(): void;
}

type Handle = unknown;

const listeners = new Map<bigint, () => void>();
/** Handles whose memory libuv still uses, and those that can be used again. */
const closing = new Map<bigint, Handle>();

const onReadable = koffi.register((handle: Handle) => {
  // We come straight from libuv: without an immediate nothing would run the promises that a listener resolved, and what
  // it throws would be lost, with the event loop stuck.
  try {
    listeners.get(koffi.address(handle))?.();
    setImmediate(nothing);
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}, koffi.pointer(PollCallback));

const onClosed = koffi.register((handle: Handle) => {
  const address = koffi.address(handle);
  koffi.free(closing.get(address));
  closing.delete(address);
}, koffi.pointer(PollCallback));

/** Calls `listener` from the event loop whenever `fd` is readable, until stopped. Throws if the kernel cannot poll it. */
export function watchReadable(fd: number, listener: () => void): Watch {
  return watch(fd, UV_READABLE, listener);
}

/** The same for a descriptor that reports with POLLPRI, as a PSI trigger does; nothing is to be read from it. */
export function watchUrgent(fd: number, listener: () => void): Watch {
  return watch(fd, UV_PRIORITIZED, listener);
}

function watch(fd: number, events: number, listener: () => void): Watch {
  const handle: Handle = koffi.alloc("uint8_t", Number(uvHandleSize(UV_POLL)));
  const address = koffi.address(handle);
  const result = uvPollInit(uvDefaultLoop(), handle, fd);
  if (result < 0) {
    koffi.free(handle);
    throw new Error(`cannot wait for fd ${fd}: libuv error ${result}`);
  }
  listeners.set(address, listener);
  uvPollStart(handle, events, onReadable);
  return {
    stop() {
      if (!listeners.delete(address)) return;
      uvPollStop(handle);
      closing.set(address, handle);
      uvClose(handle, onClosed);
    },
  };
}

function nothing(): void {}
