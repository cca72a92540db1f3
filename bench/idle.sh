#!/bin/sh
# What a handler and its helpers hold and how often they wake while nothing happens. Usage: idle.sh PID MARK SECONDS
# Prints "process PID NAME PRIVATE_CLEAN_KIB PRIVATE_DIRTY_KIB WAKEUPS" for each and "others N", other node processes.
# The helpers are the children of PID and whatever carries MARK in its environment.
set -u

family() {
  {
    echo "/proc/$1/status"
    grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status
    grep -lzs "^$2\$" /proc/[0-9]*/environ
  } | cut -d/ -f3 | sort -nu
}

wakeups() { cat "/proc/$1"/task/*/status | awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }'; }

private_kib() { awk -v key="Private_$2:" '$1 == key { print $2 }' "/proc/$1/smaps_rollup"; }

sleep 12
pids=$(family "$1" "$2")
before=$(for pid in $pids; do wakeups "$pid"; done)
sleep "$3"
for pid in $pids; do
  after=$(wakeups "$pid")
  first=${before%%"
"*}
  before=${before#*"
"}
  name=$(tr -d ' ' <"/proc/$pid/comm")
  echo "process $pid $name $(private_kib "$pid" Clean) $(private_kib "$pid" Dirty) $((after - first))"
done

node=$(readlink "/proc/$1/exe")
others=0
for exe in /proc/[0-9]*/exe; do
  pid=${exe#/proc/}
  pid=${pid%/exe}
  case " $(echo $pids) " in *" $pid "*) continue ;; esac
  if [ "$(readlink "$exe" 2>/dev/null)" = "$node" ]; then others=$((others + 1)); fi
done
echo "others $others"
