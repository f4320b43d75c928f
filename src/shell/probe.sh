# The verb of job.sh that needs no job: facts about an account.

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
