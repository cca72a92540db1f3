import type { EvaluatingPolicy, Oom, Verdict } from "../../policies/contract.ts";
import type { Task } from "../hierarchy/types.ts";
import type { Candidate, Order } from "./types.ts";

/** Asks the policy about one process after another, as the kernel asks a BPF policy: who is selected last, dies first. */
export function evaluated(policy: EvaluatingPolicy, oom: Oom, candidates: readonly Candidate[]): Order {
  const verdicts = new Map<number, Verdict>();
  const selected: Candidate[] = [];
  for (const { task } of candidates.flatMap((each) => (each.kind === "process" ? each : [])).sort(byAge)) {
    const verdict = policy.evaluateTask(task, oom);
    verdicts.set(task.pid, verdict);
    if (verdict === "select") selected.unshift({ kind: "process", task });
    if (verdict === "abort") {
      selected.length = 0;
      break;
    }
  }
  const verdictOn = (candidate: Candidate) =>
    (candidate.kind === "process" ? verdicts.get(candidate.task.pid) : undefined) ?? "not asked";
  return {
    ranked: selected,
    describe: () => "selected",
    compare: (_, peer) => ({ by: verdictOn(peer) }),
  };
}

/** The oldest first; the order in which the kernel lists them says nothing. */
function byAge({ task: a }: { readonly task: Task }, { task: b }: { readonly task: Task }): number {
  return a.startTime - b.startTime || a.pid - b.pid;
}
