/** The number behind one key of a flat keyed file such as memory.stat, or null. */
export function parseKey(text: string, key: string): number | null {
  const at = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
  if (at === 0 && !text.startsWith(`${key} `)) return null;
  const value = Number.parseInt(text.slice(at + key.length + 1), 10);
  return Number.isSafeInteger(value) ? value : null;
}

/** Cache on the lists from which the kernel reclaims, of the whole subtree, bytes: what is locked or shared is not on them. */
export function parseReclaimableCache(stat: string): number {
  return (parseKey(stat, "total_inactive_file") ?? 0) + (parseKey(stat, "total_active_file") ?? 0);
}
