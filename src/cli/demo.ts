/**
 * `npm run demo`: a real OOM on this machine, or a recorded one where no memory controller can be written.
 * With `--record` it prints the scene as JSON, which is how fixtures/demo/scene.json was made.
 */
import { fileURLToPath } from "node:url";
import { playLive } from "../demo/live.ts";
import type { Scene } from "../demo/scene.ts";
import { screen } from "../demo/screen.ts";
import { readRegularFile } from "../kernel/files.ts";
import { inspect, locateController } from "../start/preflight.ts";

const RECORDED = fileURLToPath(new URL("../../../fixtures/demo/scene.json", import.meta.url));

const mountPoint = locateController(null);
const obstacle = typeof mountPoint === "string" ? inspect(mountPoint, []).find(isFatal) : mountPoint;
if (typeof mountPoint === "string" && obstacle === undefined) {
  const scene = await playLive(mountPoint);
  print(
    process.argv.includes("--record") ? JSON.stringify(scene) : screen(scene, "A real OOM, just now, on this machine."),
  );
} else {
  print(screen(recorded(), `A recorded OOM, for here there can be no real one: ${obstacle?.text}`));
}

function recorded(): Scene {
  const read = readRegularFile(RECORDED, 1024 * 1024);
  if ("refused" in read) throw new Error(`${RECORDED}: ${read.refused}`);
  return JSON.parse(read.bytes.toString("utf8")) as Scene;
}

function isFatal({ severity }: { readonly severity: string }): boolean {
  return severity === "fatal";
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
