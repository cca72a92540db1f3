/**
 * Kills whoever is left of the process group that a child leads. Not later than in the moment of the child's end: with
 * nobody left in it, its number may become another's.
 */
export function killGroup({ pid }: { readonly pid?: number | undefined }): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}
