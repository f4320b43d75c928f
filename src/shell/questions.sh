# The verbs of job.sh that need no job: facts about an account, and short scripts.

# probe: what this account finds, as facts.
j_probe() {
  echo "F user $(id -un)"
  echo "F uid $(id -u)"
  echo "F home ${HOME:-none}"
  echo "F system $(uname -srm)"
  echo "F name $(uname -n)"
  echo "F boot $BOOT $INIT"
  read -r s x </proc/uptime && echo "F uptime ${s%%.*}"
  echo "F clock $(date +%s)"
  for f in setsid mkfifo flock; do
    if command -v "$f" >/dev/null 2>&1; then echo "F $f yes"; else echo "F $f no"; fi
  done
  if mkdir -p "$B" 2>/dev/null && [ -w "$B" ]; then
    echo 'F base yes'
    set -- $(df -Pk "$B" 2>/dev/null | tail -n 1)
    [ $# -ge 4 ] && echo "F disk $2 $4"
  else
    echo 'F base no'
  fi
  # A login manager that kills what a session leaves behind would kill jobs too.
  if [ -d /run/systemd/system ] && command -v loginctl >/dev/null 2>&1; then
    echo "F killsession $(timeout 2 loginctl show-user --property=KillUserProcesses --value 2>/dev/null | head -n 1)"
  fi
  echo 'C 0'
}

# The script of a question, in a shell of its own.
j_script() (
  umask "$UM"
  set +u --
  unset J_I N
  exec 3>&- 4>&- 2>&1
  eval "$J_S"
)

# run: script, cap in bytes, stdin, seconds. For short questions: no directory, nothing left behind. Descriptor 3 carries
# the exit code past the cap, 4 is the channel.
j_run() {
  J_S=$1 J_C=$2 J_I=$3 J_W=''
  # A question that hangs ends with its whole session, should nobody wait for it any more. Only where the group is ours.
  if j_stat $$ && [ "$PG" = $$ ]; then
    (
      trap 'kill "$k" 2>/dev/null; exit' TERM
      k=''
      sleep "$4" &
      k=$!
      wait "$k"
      kill -KILL 0
    ) >/dev/null 2>&1 &
    J_W=$!
  fi
  echo O
  exec 4>&1
  c=$({ {
    # Each process counts when hundreds of hosts are asked at once: none for a stdin that is empty anyway.
    if [ -n "$J_I" ]; then printf '%s' "$J_I" | j_script; else j_script; fi
    echo $? >&3
  } | {
    exec 3>&-
    head -c "$J_C" >&4
    read -r s && exec cat >/dev/null # past the cap: what is left is swallowed, so that nothing stands still
  }; } 3>&1)
  [ -n "$J_W" ] && kill "$J_W" 2>/dev/null
  printf '\nT2K %s\nC %s\n' "$N" "${c:-255}"
}
