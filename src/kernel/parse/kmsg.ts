/** One record of /dev/kmsg; see Documentation/ABI/testing/dev-kmsg. */
export interface KmsgRecord {
  /** Written by the kernel itself: what a process writes into the device has a facility of its own. */
  readonly isFromKernel: boolean;
  /** It goes on where another record broke off, because somebody else's message came between. */
  readonly isContinuation: boolean;
  /** As the device prints it: all but printable ASCII is `\xNN`, the backslash too. */
  readonly escaped: string;
}

/** `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,…];MESSAGE`, and lines that begin with a blank behind it; null if it is none. */
export function parseKmsgRecord(text: string): KmsgRecord | null {
  const [, priority, flags, escaped] = /^(\d+),\d+,\d+,([^,;]*)[^;\n]*;([^\n]*)/.exec(text) ?? [];
  if (priority === undefined || flags === undefined || escaped === undefined) return null;
  return { isFromKernel: Number(priority) < FACILITY_USER, isContinuation: flags.includes("c"), escaped };
}

const FACILITY_USER = 8;

/** The bytes of a message. */
export function unescapeKmsg(escaped: string): Buffer {
  const latin1 = escaped.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, "latin1");
}
