/** Which lines of the screen are for what. Whatever its height, one is for the row of the cursor. */
export interface Plan {
  readonly title: boolean;
  readonly next: boolean;
  readonly headings: boolean;
  readonly rows: number;
  /** With the heading; 0: no kills are shown. */
  readonly kills: number;
  readonly detail: boolean;
  readonly keys: boolean;
}

/** What there is to be shown: how many rows, and how many kills. */
export interface Wanted {
  readonly rows: number;
  readonly kills: number;
}

export function planOf(height: number, wanted: Wanted): Plan {
  const lines = {
    next: height >= 2,
    headings: height >= 3,
    title: height >= 4,
    keys: height >= 8,
    detail: height >= 9,
  };
  const left = height - Object.values(lines).filter(Boolean).length;
  const kills = height >= 12 ? killsOf(left, wanted) : 0;
  return { ...lines, kills, rows: left - kills };
}

/** The heading, and of what is left for rows and kills a quarter, or all that the rows do not need. */
function killsOf(left: number, { rows, kills }: Wanted): number {
  const most = Math.max(Math.floor(left / 4), left - 1 - rows);
  return 1 + Math.min(Math.max(1, kills), most);
}
