/** A value with the place it comes from: `FILE:LINE`, the name of an xattr, `set --pid`, or `default`. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

/** The source of what nobody has set. */
export const DEFAULT_SOURCE = "default";
