/** `badnessctl top [MEMCG]`: the tree as it changes, who is next, and the recent kills. */
import { CommandFailed, type Context } from "./context.ts";
import { findMemcg } from "./live.ts";
import { paint } from "./paint.ts";
import { frameJson } from "./top/frame-json.ts";
import { InStep } from "./top/in-step.ts";
import { Listener } from "./top/listener.ts";
import { wholeFrame } from "./top/screen.ts";
import { initialState } from "./top/state.ts";
import { whyNoTerminal } from "./top/terminal.ts";
import { View } from "./top/view.ts";

/** Where neither the terminal nor COLUMNS tells. */
const COLUMNS = 80;

/** With `once`, or as JSON, it prints what there is to see now, and ends. */
export async function top(context: Context, memcg: string, { once }: { readonly once?: boolean }): Promise<void> {
  const { node } = findMemcg(context, memcg);
  const isLive = once !== true && !context.json;
  const why = isLive ? whyNoTerminal() : null;
  if (why !== null) throw new CommandFailed(`cannot draw: ${why}; --once prints what there is to see now`);
  const listener = new Listener(context);
  await listener.ask();
  if (isLive) return watch(context, node.path, listener);
  await listener.hear();
  if (context.json) return context.print(JSON.stringify(await frameJson(context, memcg, listener)));
  await printOnce(context, node.path, listener);
}

async function watch(context: Context, path: string, listener: Listener): Promise<void> {
  const inStep = new InStep(context, listener);
  listener.follow();
  try {
    await new View({ top: path, inStep, colour: context.colour }).run();
  } finally {
    // Following the daemon has no end of its own. Later, for what went wrong is to be said first.
    setImmediate(() => process.exit());
  }
}

async function printOnce(context: Context, path: string, listener: Listener): Promise<void> {
  const inStep = new InStep(context, listener);
  await inStep.sample(path);
  const columns = Number(process.env["COLUMNS"]) || process.stdout.columns || COLUMNS;
  for (const { text, tone } of wholeFrame(initialState(path), inStep.sight(), columns, Date.now())) {
    context.print(paint(text.trimEnd(), tone, context.colour));
  }
  inStep.close();
}
