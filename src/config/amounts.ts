/** Amounts of memory as text: `512M`. */
const UNIT_BYTES: readonly (readonly [string, number])[] = [
  ["G", 2 ** 30],
  ["M", 2 ** 20],
  ["K", 2 ** 10],
];

/** Bytes, or null if it is no whole number from 1 on in K, M or G. */
export function amountBytes(text: string): number | null {
  const unit = UNIT_BYTES.find(([name]) => text.endsWith(name));
  if (unit === undefined || !/^[1-9][0-9]{0,8}$/.test(text.slice(0, -1))) return null;
  const bytes = Number(text.slice(0, -1)) * unit[1];
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The shortest text that stands for so many bytes, a multiple of 1024. */
export function printAmount(bytes: number): string {
  const [name, size] = UNIT_BYTES.find(([, each]) => bytes % each === 0) ?? ["K", 2 ** 10];
  return `${bytes / size}${name}`;
}
