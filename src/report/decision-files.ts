/** The last decisions, each as a snapshot that `badnessctl explain --snapshot` replays: RUNTIME_DIR/decisions/N.yaml. */
import { ensureDirectory, removeFile, replaceFile } from "../kernel/state-file.ts";

const KEPT = 100;

export class DecisionFiles {
  private readonly directory: string;
  private count = 0;

  constructor(runtimeDir: string) {
    this.directory = `${runtimeDir}/decisions`;
  }

  /** Writes one and drops the oldest; null where it cannot be written, as on a full disk. */
  keep(text: string): string | null {
    const file = this.fileOf(this.count);
    try {
      ensureDirectory(this.directory);
      replaceFile(file, text);
      removeFile(this.fileOf(this.count - KEPT));
      this.count += 1;
      return file;
    } catch {
      return null;
    }
  }

  private fileOf(number: number): string {
    return `${this.directory}/${process.pid}-${number}.yaml`;
  }
}
