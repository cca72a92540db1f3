/** Facts that are read when they are first asked for, and what has been read so far. */
export interface ReadOnce<F> {
  readonly facts: F;
  readonly known: Partial<F>;
}

/** An object that answers each question by its reader, once, and from then on from memory. */
export function readOnce<F extends object>(readers: { readonly [K in keyof F]: () => F[K] }): ReadOnce<F> {
  const known: Partial<F> = {};
  const facts = {} as F;
  for (const name of Object.keys(readers) as (keyof F)[]) {
    const get = () => {
      if (!(name in known)) known[name] = readers[name]();
      return known[name];
    };
    Object.defineProperty(facts, name, { enumerable: true, get });
  }
  return { facts, known };
}
