#!/bin/sh
# The size of badnessd with no node process of the bench's around. Usage: alone.sh NODE MOUNT_POINT SECONDS
set -eu
here=$(cd "$(dirname "$0")" && pwd)
node=$1 top=$2/badnessd-bench-$$ seconds=$3
mark=BADNESSD_BENCH=$$
directory=$(mktemp -d)
handler=

# Only what this script made: the handler, its memcg and its temporary directory.
clean_up() {
  trap - EXIT INT TERM
  if [ -n "$handler" ]; then
    kill "$handler" 2>/dev/null || true
    wait "$handler" 2>/dev/null || true
  fi
  if [ -d "$top" ]; then
    echo 0 >"$top/memory.oom_control"
    rmdir "$top"
  fi
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

mkdir "$top"
# It watches the machine as it always does, and acts as little as if it did not: so much is available until the kernel kills.
cat >"$directory/badnessd.conf" <<CONF
oom.guard = /badnessd-bench-$$
oom.policy_files = $directory/policies/*.yaml
oom.system.min_available = 1M
CONF
env "$mark" "$node" "$here/../bin/badnessd.js" --config "$directory/badnessd.conf" --runtime-dir "$directory/run" \
  >"$directory/log" 2>&1 &
handler=$!
until grep -q '^oom_kill_disable 1' "$top/memory.oom_control"; do
  kill -0 "$handler" 2>/dev/null || { cat "$directory/log" >&2; exit 1; }
  sleep 0.05
done
sh "$here/idle.sh" "$handler" "$mark" "$seconds" | awk '
  $1 == "process" {
    printf "%-16s pid %-7s private clean %6d KiB, private dirty %6d KiB, %5.1f wake-ups/s\n", $3, $2, $4, $5, $6 / seconds
    uss += $4 + $5
  }
  $1 == "others" { printf "together %.1f MiB USS, beside %d other node processes\n", uss / 1024, $2 }
' "seconds=$seconds" -
