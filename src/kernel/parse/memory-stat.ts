/** The number behind one key of a flat keyed file such as memory.stat, or null. */
export function parseKey(text: string, key: string): number | null {
  const at = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
  if (at === 0 && !text.startsWith(`${key} `)) return null;
  const value = Number.parseInt(text.slice(at + key.length + 1), 10);
  return Number.isSafeInteger(value) ? value : null;
}
