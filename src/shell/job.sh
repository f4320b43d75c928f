# The remote side of Twokey's job protocol, in POSIX sh; nothing is installed on a host. This text goes to the stdin of
# `exec /bin/sh -s`, followed by one line that calls main. Only functions stand here, so a link lost in the middle of
# the text runs nothing. protocol.ts sends it without these comments; frames.ts reads the answers; docs in protocol.ts.
#
# A job is a directory $B/$J (0700):
#   cmd       the script             out       its output, stdout and stderr merged
#   in        its stdin, 0600, gone as soon as the supervisor has opened it
#   pid       "PID STARTTIME BOOT_ID INIT_STARTTIME" of the supervisor, made atomically; a symbolic link = void
#   pgid      "PGID STARTTIME" of the command, written by the command's own process before it becomes the command
#   rc        "CODE SIZE", or "busy 0 HOLDER"; its existence means done
#   trunc     output was cut         cancel    somebody asked for the end         progress    one line for people
# pid.t, pgid.t and rc.t are written in advance, so that a full disk cannot stop the bookkeeping.

# Boot id, and the start time of process 1: a restarted container keeps the boot id but not its process 1.
j_host() {
  BOOT=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) || BOOT=none
  j_stat 1 && INIT=$T || INIT=none
}

# n = bytes of output stored.
j_size() {
  n=$(wc -c 2>/dev/null <"$D/out") || n=0
  n=$((n + 0))
}

# S = the state in words, n = bytes of output. The state is looked at before the size: rc is written after the last byte.
j_state() {
  n=0 S='none 0'
  [ -d "$D" ] || return 0
  for k in 1 2; do # twice: the supervisor may have written rc and gone between the two looks
    if [ -f "$D/rc" ]; then
      read -r c z h <"$D/rc"
      [ "$c" = busy ] && { S="busy $h"; return 0; }
      t=0 x=0
      [ -f "$D/trunc" ] && t=1
      [ -f "$D/cancel" ] && x=1
      j_size
      if [ "$n" -lt "$z" ]; then t=1; else n=$z; fi # a crash of the host may have taken the tail
      S="exited $c $n $t $x"
      return 0
    fi
    [ -h "$D/pid" ] && { S='lost nostart 0'; return 0; }
    [ -f "$D/pid" ] || { S='starting 0'; return 0; }
    read -r sp st sb si <"$D/pid"
    [ "$sb" = "$BOOT" ] && [ "$si" = "$INIT" ] || { j_size; S="lost reboot $n"; return 0; }
    j_stat "$sp" && [ "$T" = "$st" ] && { j_size; S="running $n"; return 0; }
  done
  if j_group; then s=orphan; else s=killed; fi
  j_size
  S="lost $s $n"
}

# G = the command's process group, if anything of it is alive and the number was not given to somebody else.
j_group() {
  G=''
  { read -r g gt <"$D/pgid"; } 2>/dev/null || return 1
  case $g in '' | 0 | 1 | *[!0-9]*) return 1 ;; esac
  kill -0 "-$g" 2>/dev/null || return 1
  if j_stat "$g"; then
    [ "$T" = "$gt" ] || return 1
  else
    j_member "$g" || return 1
  fi
  G=$g
}

# Is any process of group $1 alive, zombies not counted?
j_member() {
  m=$1
  for d in /proc/[0-9]*; do
    j_stat "${d#/proc/}" && [ "$PG" = "$m" ] && return 0
  done
  return 1
}

# E = every process that carries this job's mark in its environment, also those that left the group; never ourselves.
# The mark is the directory: an id may be used once more under another base.
j_marked() {
  E=''
  for f in $(grep -lF "TWOKEY_DIR=$D" /proc/[0-9]*/environ 2>/dev/null); do
    f=${f#/proc/}
    f=${f%/environ}
    case " $SELF " in *" $f "*) continue ;; esac
    j_stat "$f" || continue
    tr '\0' '\n' 2>/dev/null <"/proc/$f/environ" | grep -qxF "TWOKEY_DIR=$D" || continue
    E="$E $f"
  done
  [ -n "$E" ]
}

# Makes sure that a job which has not started never will. Whoever creates `pid` first decides, once and for all.
j_void() {
  ln -s void "$D/pid" 2>/dev/null && rm -f "$D/in"
}

j_nap() {
  sleep "$1" 2>/dev/null || sleep 1
}

# start: script, cap in blocks of 512 bytes, lock name or nothing, stdin, supervisor text
j_start() {
  for f in setsid mkfifo flock; do
    [ "$f" = flock ] && [ -z "$3" ] && continue
    command -v "$f" >/dev/null 2>&1 || { echo "E no$f"; return 69; }
  done
  case $(command -v printf) in */*) echo 'E noprintf'; return 69 ;; esac # not a builtin: secrets would show in ps
  mkdir -p "$B" 2>/dev/null && [ -w "$B" ] || { echo "E nodir $B"; return 73; }
  L=''
  if [ -n "$3" ]; then
    L=$B/locks/$3
    mkdir -p "$B/locks" 2>/dev/null && : >>"$L" || { echo "E nodir $L"; return 73; }
  fi
  if ! mkdir "$D" 2>/dev/null; then
    [ -d "$D" ] || { echo "E nodir $D"; return 73; }
    j_state
    echo "S dup $S"
    return 0
  fi
  {
    printf '%s\n' "$1" >"$D/cmd" && printf '%s' "$4" >"$D/in" && printf '%s\n' "$5" >"$D/sup" && : >"$D/out" &&
      printf '%-127s\n' pending >"$D/pid.t" && printf '%-127s\n' pending >"$D/pgid.t" &&
      printf '%-127s\n' pending >"$D/rc.t" && mkfifo "$D/fifo"
  } 2>/dev/null || { rm -rf "$D"; echo "E write $D"; return 73; }
  # All three descriptors away from the channel, or sshd keeps it open. `-f` spares the `&`, which would make the job
  # ignore SIGINT and SIGQUIT for good; should both be launched, only one can create `pid`.
  setsid -f sh "$D/sup" "$D" "$2" "$UM" "$L" </dev/null >/dev/null 2>"$D/sup.err" ||
    { setsid sh "$D/sup" "$D" "$2" "$UM" "$L" </dev/null >/dev/null 2>"$D/sup.err" & }
  i=0
  while [ ! -e "$D/pid" ] && [ ! -h "$D/pid" ] && [ "$i" -lt 250 ]; do
    j_nap 0.02
    i=$((i + 1))
  done
  j_state
  echo "S new $S"
}

# read: offset. Sends what is stored from there, then follows until the job has ended; ends with `S end STATE`.
j_read() {
  o=$1 quiet=0 beat=0 began=0 shown=''
  while :; do
    j_state
    case $S in none* | busy*) echo "S end $S"; return 0 ;; esac
    [ "$n" -lt "$o" ] && case $S in running*) echo "E shrunk $n"; return 74 ;; esac
    if [ "$n" -gt "$o" ]; then
      l=$((n - o))
      printf 'D %s %s\n' "$o" "$l" && tail -c "+$((o + 1))" "$D/out" 2>/dev/null | head -c "$l" || return 74
      o=$n quiet=0 beat=0
    fi
    if [ -s "$D/progress" ]; then
      l=$(head -c 400 "$D/progress" 2>/dev/null | head -n 1 | tr -d '\000-\037\177')
      [ -n "$l" ] && [ "$l" != "$shown" ] && { shown=$l; printf 'P %s\n' "$l" || return 74; }
    fi
    case $S in
      exited* | lost*) echo "S end $S"; return 0 ;;
      starting*) [ "$began" -ge 15000 ] && j_void ;;
    esac
    if [ "$quiet" -lt 1000 ]; then l=50 w=0.05; elif [ "$quiet" -lt 10000 ]; then l=200 w=0.2; else l=1000 w=1; fi
    quiet=$((quiet + l)) beat=$((beat + l)) began=$((began + l))
    [ "$beat" -ge 5000 ] && { beat=0; echo H || return 74; } # also lets a reader nobody hears die of SIGPIPE
    j_nap "$w"
  done
}

# kill: seconds between TERM and KILL. The whole group, and whatever left the group but still carries the mark.
j_kill() {
  trap '' PIPE # a link lost now must not leave the work half done
  case $S in starting*) j_void; j_state ;; esac
  case $S in running* | 'lost orphan'*) ;; *) echo "S now $S"; return 0 ;; esac
  i=0
  while [ ! -f "$D/pgid" ] && [ ! -f "$D/rc" ] && [ "$i" -lt 100 ]; do
    j_nap 0.02
    i=$((i + 1))
  done
  SELF=$$ p=$$
  while j_stat "$p" && [ "$PP" -gt 0 ]; do
    p=$PP
    SELF="$SELF $p"
  done
  { read -r p t <"$D/pid" && SELF="$SELF $p"; } 2>/dev/null # the supervisor has to write rc
  : >"$D/cancel"
  j_signal TERM
  i=0
  while [ "$i" -lt $(($1 * 10)) ] && { j_group || j_marked; }; do
    j_nap 0.1
    i=$((i + 1))
  done
  i=0
  while [ "$i" -lt 20 ] && { j_group || j_marked; }; do
    j_signal KILL
    j_nap 0.05
    i=$((i + 1))
  done
  i=0
  j_state
  while case $S in running*) [ "$i" -lt 100 ] ;; *) false ;; esac do
    j_nap 0.1
    i=$((i + 1))
    j_state
  done
  echo "S now $S"
}

j_signal() {
  j_group && { kill "-$1" "-$G"; [ "$1" = TERM ] && kill -CONT "-$G"; } 2>/dev/null
  j_marked && { kill "-$1" $E; [ "$1" = TERM ] && kill -CONT $E; } 2>/dev/null
}

# Of an ended job only `rc` stays (and the mark of a void one), so that a start that comes late finds that it was over.
j_strip() {
  [ -d "$D" ] || return 0
  for f in "$D"/* "$D"/.[!.]*; do
    case ${f##*/} in rc) continue ;; pid) [ -h "$f" ] && continue ;; esac
    [ ! -e "$f" ] && [ ! -h "$f" ] || rm -rf "$f" || return
  done
}

# verb, nonce, base directory, job id, five arguments, END. A line cut between two arguments has too few of them.
main() {
  [ $# = 10 ] && [ "${10}" = END ] || return 65
  UM=$(umask)
  umask 077
  set -u
  unset CDPATH ENV BASH_ENV TWOKEY_JOB TWOKEY_DIR TWOKEY_PROGRESS
  V=$1 N=$2 B=$3 J=$4
  shift 4
  exec </dev/null
  printf '\nT2K %s\n' "$N"
  case $J in '' | -* | locks | *[!A-Za-z0-9_-]*) echo 'E badid'; return 64 ;; esac
  case $B in /*) ;; *) echo 'E badbase'; return 64 ;; esac
  D=$B/$J SELF=$$
  j_host
  case $V in
    start) j_start "$@" ;;
    state) j_state; echo "S now $S" ;;
    read) j_read "$1" ;;
    kill) j_state; j_kill "$1" ;;
    void) # also for a start that is still under way to us: the directory is what it would have to create
      mkdir -p "$B" 2>/dev/null
      mkdir "$D" 2>/dev/null
      [ -d "$D" ] || { echo "E nodir $D"; return 73; }
      [ -f "$D/rc" ] || j_void
      j_state
      echo "S now $S"
      ;;
    rm)
      j_state
      case $S in
        running* | starting* | 'lost orphan'*) echo "E live $S" ;;
        *) rm -rf "$D"; j_state; echo "S now $S" ;;
      esac
      ;;
    strip)
      j_state
      case $S in
        running* | starting* | 'lost reboot'* | 'lost killed'* | 'lost orphan'*) echo "E live $S" ;;
        *) j_strip && j_state && echo "S now $S" || echo "E stays $D" ;;
      esac
      ;;
    probe) j_probe ;;
    *) echo 'E badverb'; return 64 ;;
  esac
}
