# The handlers that rounds.sh compares: how each is started and told that batch is to die first, and db and web last.

# in_place NAME COMMAND...: runs it in the background where the handler expects it, and leaves its pid in $run/NAME.pid.
in_place() {
  local name=$1
  shift
  rm -f "$run/$name.pid"
  case $handler in
    systemd-oomd)
      systemctl reset-failed "bench-$name.service" 2>/dev/null || true
      systemd-run --quiet --unit "bench-$name" --slice bench.slice -p "ManagedOOMPreference=$(preference "$name")" -- "$@"
      systemctl show -P MainPID "bench-$name" >"$run/$name.pid"
      ;;
    *)
      mkdir -p "$cgroup/jobs/$name"
      bash -c 'echo 0 >/proc/self/oom_score_adj; echo $$ >"$0/cgroup.procs"; echo $$ >"$1"; shift; exec "$@"' \
        "$cgroup/jobs/$name" "$run/$name.pid" "$@" </dev/null >/dev/null 2>&1 &
      # Nobody here needs to be told of its death.
      disown
      until [ -s "$run/$name.pid" ]; do sleep 0.02; done
      ;;
  esac
}

preference() { [ "$1" = batch ] && echo none || echo avoid; }

start_handler() {
  cgroup=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
  handler_pid=
  case $handler in
    none) return ;;
    badnessd)
      mkdir -p "$run/policies"
      echo 'memcgs: { /jobs/batch: { badness: 100 }, /jobs/web: { badness: 9000 }, /jobs/db: { badness: never } }' \
        >"$run/policies/jobs.yaml"
      echo "oom.policy_files = $run/policies/*.yaml" >"$run/badnessd.conf"
      # The one before was ready too.
      rm -f "$run/handler.log"
      # It protects itself; the others are protected by what starts them, here as by their units.
      bash -c 'echo 0 >/proc/self/oom_score_adj; exec "$@" 2>"$0"' "$run/handler.log" \
        "${NODE:-node}" "$here/../../bin/badnessd.js" --config "$run/badnessd.conf" --runtime-dir "$run/badnessd" &
      until grep -q ' is ready' "$run/handler.log" 2>/dev/null; do
        [ -e "/proc/$!" ] || { cat "$run/handler.log" >&2; exit 1; }
        sleep 0.2
      done
      ;;
    earlyoom) earlyoom >"$run/handler.log" 2>&1 & ;;
    earlyoom-told) earlyoom --prefer '^batch$' --avoid '^(web|db)$' >"$run/handler.log" 2>&1 & ;;
    nohang) nohang --monitor --config /etc/nohang/nohang.conf >"$run/handler.log" 2>&1 & ;;
    nohang-told)
      cat /etc/nohang/nohang.conf - >"$run/nohang.conf" <<'CONF'
@BADNESS_ADJ_RE_NAME  500  ///  ^batch$
@BADNESS_ADJ_RE_NAME  -500  ///  ^(web|db)$
CONF
      nohang --monitor --config "$run/nohang.conf" >"$run/handler.log" 2>&1 &
      ;;
    systemd-oomd)
      mkdir -p /run/systemd/system/bench.slice.d
      printf '[Slice]\nManagedOOMSwap=kill\nManagedOOMMemoryPressure=kill\n' >/run/systemd/system/bench.slice.d/oomd.conf
      systemctl daemon-reload
      systemctl start systemd-oomd
      handler_pid=$(systemctl show -P MainPID systemd-oomd)
      return
      ;;
    *)
      echo "no such handler: $handler" >&2
      exit 2
      ;;
  esac
  handler_pid=$!
  sleep 2
}

stop_handler() {
  [ "$handler" != systemd-oomd ] || systemctl stop systemd-oomd
  [ -z "$handler_pid" ] || kill "$handler_pid" 2>/dev/null || true
}

handler_alive() { [ -z "$handler_pid" ] || [ -e "/proc/$handler_pid" ]; }
