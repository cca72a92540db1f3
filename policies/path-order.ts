/**
 * Compares two memcg paths by their bytes, as the kernel holds them.
 *
 * In our strings a lone surrogate U+DC80..U+DCFF stands for a byte 0x80..0xff that is not UTF-8, and characters
 * beyond U+FFFF are pairs of surrogates: the order of the strings is not the order of the bytes.
 */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(bytesOf(a), bytesOf(b)) || (a < b ? -1 : 1);
}

function bytesOf(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path, "utf8");
  return Buffer.concat(Array.from(path, bytesOfCharacter));
}

function bytesOfCharacter(character: string): Buffer {
  const code = character.charCodeAt(0);
  const standsForByte = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
  return standsForByte ? Buffer.of(code - 0xdc00) : Buffer.from(character, "utf8");
}
