# The supervisor of one job: sh sup DIR CAP UMASK LOCKFILE. It stays outside of the command's process group, so that
# what ends the command never ends the writer of rc. The format of the files is described in job.sh.
D=$1 CAP=$2 UM=$3 L=$4

finish() {
  i=0
  until printf '%s\n' "$*" 1<>"$D/rc.t" && mv -f "$D/rc.t" "$D/rc"; do
    i=$((i + 1))
    [ "$i" -gt 3600 ] || [ ! -d "$D" ] && exit 74
    sleep 1
  done
  exit 0
}

started() {
  s=$(cat "/proc/$1/stat" 2>/dev/null)
  set -- ${s##*) }
  echo "${20:-none}"
}

boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) || boot=none
{ printf '%s %s %s %s\n' "$$" "$(started $$)" "$boot" "$(started 1)" 1<>"$D/pid.t" && ln "$D/pid.t" "$D/pid"; } ||
  { rm -f "$D/in"; exit 75; }
exec 8<"$D/in"
rm -f "$D/in"

# The command and all its children inherit descriptor 9, so that the lock lasts as long as anything of the job lives.
if [ -n "$L" ]; then
  exec 9<>"$L"
  flock -n 9
  f=$?
  if [ "$f" != 0 ]; then
    sleep 0.1 2>/dev/null # the holder writes its name right after it has the lock
    h=''
    read -r h <"$L"
    [ "$f" = 1 ] || h="flock-$f"
    rm -f "$D/fifo"
    finish busy 0 "${h:-unknown}"
  fi
  printf '%s\n' "${D##*/}" >"$L"
fi

# The writer of the log. The limit hits it alone: at the cap, or on a full disk, it drains, and the command goes on.
# The braces keep the pipe as its stdin, which a background list would otherwise lose.
{
  (
    ulimit -c 0
    ulimit -f "$CAP" || :
    exec cat >>"$D/out"
  )
  [ $? = 0 ] || : >"$D/trunc"
  exec cat >/dev/null
} <"$D/fifo" 2>/dev/null 8<&- 9>&- &
W=$!

TWOKEY_JOB=${D##*/} TWOKEY_DIR=$D TWOKEY_PROGRESS=$D/progress setsid sh -c '
  D=$0 U=$1
  s=$(cat "/proc/$$/stat")
  set -- ${s##*) }
  printf "%s %s\n" "$$" "${20}" 1<>"$D/pgid.t" && mv -f "$D/pgid.t" "$D/pgid" || exit 126
  umask "$U"
  exec sh "$D/cmd"
' "$D" "$UM" <&8 8<&- >"$D/fifo" 2>&1
r=$?
exec 8<&- 9>&- # before rc: whoever sees the end may take the lock at once

# A grandchild may hold the pipe: five seconds, then the log counts as it is.
i=0
while kill -0 "$W" 2>/dev/null && [ "$i" -lt 34 ]; do
  if [ "$i" -lt 10 ]; then sleep 0.02 2>/dev/null || sleep 1; else sleep 0.2 2>/dev/null || sleep 1; fi
  i=$((i + 1))
done
rm -f "$D/fifo"
z=$(wc -c <"$D/out")
finish "$r" "$((z + 0))"
