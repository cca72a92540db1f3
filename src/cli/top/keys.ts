/** Which key does what: the one table that both the terminal and the help read. */
import type { Command } from "./commands.ts";

/** What only the owner of the terminal can do. */
export type TerminalCommand = "quit" | "suspend" | "redraw";

/** A key as node:readline tells of it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

interface Binding {
  readonly command: Command | TerminalCommand;
  /** Names of node:readline, characters, or `^C`. */
  readonly keys: readonly string[];
  /** Keys and meaning as the help shows them; several commands may share a line. */
  readonly help?: readonly [keys: string, meaning: string];
}

const BINDINGS: readonly Binding[] = [
  { command: "up", keys: ["up", "k"], help: ["↑ ↓ k j PgUp PgDn Home End", "move"] },
  { command: "down", keys: ["down", "j"] },
  { command: "pageUp", keys: ["pageup", "^B"] },
  { command: "pageDown", keys: ["pagedown", "^F"] },
  { command: "first", keys: ["home", "g"] },
  { command: "last", keys: ["end", "G"] },
  { command: "fold", keys: ["left", "h"], help: ["← h", "fold, or go to the parent"] },
  { command: "unfold", keys: ["right", "l"], help: ["→ l", "unfold"] },
  { command: "toggle", keys: ["space"], help: ["Space", "fold or unfold"] },
  { command: "foldAll", keys: ["-"], help: ["- +", "fold all, unfold all"] },
  { command: "unfoldAll", keys: ["+", "="] },
  { command: "enter", keys: ["return", "enter"], help: ["Enter", "this memcg to the top: who is next in its OOM"] },
  { command: "leave", keys: ["backspace"], help: ["Backspace", "the parent to the top"] },
  { command: "victim", keys: ["v"], help: ["v", "go to the next victim"] },
  { command: "byName", keys: ["n"], help: ["n b u f", "sort by name, badness, usage, usage of the limit"] },
  { command: "byBadness", keys: ["b"] },
  { command: "byUsage", keys: ["u"] },
  { command: "byFill", keys: ["f"] },
  { command: "nextOrder", keys: ["s"], help: ["s", "sort by the next of these"] },
  { command: "redraw", keys: ["^L"], help: ["Ctrl-L", "draw everything again"] },
  { command: "help", keys: ["?", "f1"], help: ["?", "this help"] },
  { command: "suspend", keys: ["^Z"] },
  { command: "quit", keys: ["q", "^C", "^D"], help: ["q", "quit"] },
];

const BY_KEY = new Map(BINDINGS.flatMap(({ command, keys }) => keys.map((key) => [key, command] as const)));

/** What a key means, or null. */
export function commandOf({ name, sequence = "", ctrl = false }: Key): Command | TerminalCommand | null {
  if (ctrl) return BY_KEY.get(`^${name?.toUpperCase()}`) ?? null;
  // What is a character goes by the character: G is g with shift to readline.
  return BY_KEY.get(sequence) ?? (name === undefined || name.length === 1 ? null : (BY_KEY.get(name) ?? null));
}

/** The help, a line each. */
export function helpLines(): string[] {
  const lines = BINDINGS.flatMap(({ help }) => (help === undefined ? [] : [help]));
  return lines.map(([keys, meaning]) => `  ${keys.padEnd(28)} ${meaning}`);
}

/** The keys that one needs first, for the last line of the screen. */
export const KEY_LINE = "↑↓ move  ←→ fold  Enter in  Backspace out  n b u f sort  v next  ? help  q quit";
