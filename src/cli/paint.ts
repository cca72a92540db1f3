const CODES = { dim: "2", bold: "1", red: "31", reverse: "7" } as const;

/** A text in a colour, or as it is where nobody sees colours. */
export function paint(text: string, tone: keyof typeof CODES | null, colour: boolean): string {
  return colour && tone !== null ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
}
