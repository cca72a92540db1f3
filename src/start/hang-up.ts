/**
 * SIGHUP while we start: it would end us, and is remembered instead. Returns what gives us something to do on it.
 */
export function rememberHangUps(): (reload: () => void) => void {
  let wasAsked = false;
  let take = () => {
    wasAsked = true;
  };
  process.on("SIGHUP", () => take());
  return (reload) => {
    take = reload;
    if (wasAsked) reload();
  };
}
