#!/bin/bash
# Runs this machine out of memory, again and again, and says who died: in a throw-away virtual machine, and only there.
# Usage: rounds.sh HANDLER SCENARIO ROUNDS
#   HANDLER: badnessd, earlyoom, earlyoom-told, nohang, nohang-told, systemd-oomd, or none: the kernel alone.
#   SCENARIO: leak or squeeze. README.md has what is done in each, and how each handler is told who is to die.
# Prints one JSON object a round.
set -euo pipefail

grep -qw badnessd.throwaway_vm /proc/cmdline || {
  echo "rounds.sh runs the machine out of memory, and kills: boot a throw-away virtual machine with" \
    "badnessd.throwaway_vm on its kernel command line for it" >&2
  exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
handler=$1 scenario=$2 rounds=$3
run=/run/badnessd-bench
mkdir -p "$run"
echo -1000 >/proc/self/oom_score_adj

meminfo() { awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo; }
kernel_kills() { awk '$1 == "oom_kill" { print $2 }' /proc/vmstat; }
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

. "$here/handlers.sh"

# tenant NAME MIB PAUSE_MS
tenant() {
  rm -f "$run/$1.full"
  in_place "$1" perl "$here/tenant.pl" "$1" "$2" "$3" "$run/$1.full"
}

alive() { [ -e "/proc/$(cat "$run/$1.pid")/fd/0" ] 2>/dev/null; }

# until_full NAME SECONDS: false if it died, or took too long.
until_full() {
  local end=$((SECONDS + $2))
  until [ -e "$run/$1.full" ]; do
    alive "$1" && [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

clean_up() {
  for name in db batch web; do
    kill -9 "$(cat "$run/$name.pid" 2>/dev/null)" 2>/dev/null || true
  done
  while alive db || alive batch || alive web; do sleep 0.05; done
  # What was swapped out is to begin afresh.
  [ -z "$swap" ] || { swapoff "$swap" && swapon "$swap"; }
  sync
  echo 3 >/proc/sys/vm/drop_caches
  sleep 1
}

# share NAME PERCENT: takes that share of what there is.
share() {
  tenant "$1" $((room * $2 / 100)) 0
  until_full "$1" 60 || { echo "no room for $1" >&2; return 1; }
}

round() {
  local before started died=() got=true grower
  before=$(kernel_kills)
  share db 15
  if [ "$scenario" = leak ]; then
    share web 30
    grower=batch
  else
    share batch 30
    grower=web
  fi
  started=$(now_ms)
  # More than is left: for web, what is left and half of what batch has.
  tenant "$grower" $((room * $([ "$scenario" = leak ] && echo 200 || echo 70) / 100)) 5
  until_full "$grower" 120 || got=false
  local took=$(($(now_ms) - started))
  # Who else dies now, dies for nothing.
  sleep 2
  for name in db batch web; do alive "$name" || died+=("\"$name\""); done
  printf '{"handler":"%s","scenario":"%s","swapMib":%d,"round":%d,"died":[%s],"gotAll":%s,"kernelKills":%d,"handlerLives":%s,"tookMs":%d}\n' \
    "$handler" "$scenario" "$swap_mib" "$1" "$(IFS=,; echo "${died[*]}")" "$got" $(($(kernel_kills) - before)) \
    "$(handler_alive && echo true || echo false)" "$took"
}

swap=$(awk 'NR == 2 { print $1 }' /proc/swaps)
swap_mib=$(($(meminfo SwapTotal) / 1024))
start_handler
echo 3 >/proc/sys/vm/drop_caches
sleep 1
room=$((($(meminfo MemAvailable) + $(meminfo SwapTotal)) / 1024))
echo "$handler is up, $room MiB to take" >&2
for ((number = 1; number <= rounds; number++)); do
  round "$number"
  clean_up
done
stop_handler
