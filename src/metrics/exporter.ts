import { type Figures, gather, type Sources } from "./figures.ts";

/** However many ask, and however often: what is as young as this is told again. */
const FRESH_MS = 200;

/** What Prometheus reads, made when it is asked for. */
export class Exporter {
  readonly #sources: Sources;
  #fresh: Promise<string> | null = null;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Rejects if prom-client cannot be loaded. */
  text(): Promise<string> {
    if (this.#fresh === null) {
      this.#fresh = this.#write(gather(this.#sources));
      const forget = () => setTimeout(() => this.#forget(), FRESH_MS);
      this.#fresh.then(forget, forget);
    }
    return this.#fresh;
  }

  async #write(figures: Figures): Promise<string> {
    const { exposition } = await import("./exposition.ts");
    return exposition(figures);
  }

  #forget(): void {
    this.#fresh = null;
  }
}
