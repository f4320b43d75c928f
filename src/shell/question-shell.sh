# The remote side of a question shell, in POSIX sh: one `exec /bin/sh -s` that stays open and is asked one question after
# another. This text goes to its stdin first: only functions, then the call of q_open. Each question is one more call with
# a fixed number of arguments, the last of which is END, so that a call which a lost link cut short runs nothing.
# question-calls.ts sends it without these comments; frames.ts reads the answers.
#
# The shell itself only reads its stdin; a question runs in the background, in shells of its own that cannot change this
# one, and answers by itself. So the shell sees the end of its stdin at once: when the client gives up, when the link is
# lost, when sshd dies. It then ends the question that runs. What nobody tells it of, q_watch ends in time. Like everything
# in the background, a question does not hear SIGINT and SIGQUIT.

# q_open: END.
q_open() {
  [ $# = 1 ] && [ "$1" = END ] || return 65
  unset CDPATH ENV BASH_ENV TWOKEY_JOB TWOKEY_DIR TWOKEY_PROGRESS
  Q_RUN='' Q_OWN=no Q_SAFE=yes
  j_stat $$ && [ "$PG" = $$ ] && Q_OWN=yes
  case $(command -v printf) in */*) Q_SAFE=no ;; esac # not a builtin: secrets would show in ps
  trap q_left EXIT
  exec 4>&1
}

# q_here: word, END. Is anybody there?
q_here() {
  [ $# = 2 ] && [ "$2" = END ] || return 65
  printf '\nT2K %s\nH\n' "$1"
}

# q_ask: word, script, cap in bytes, stdin, seconds, END. Two processes answer: q_run writes what the question prints into
# a pipe, and then the exit code to descriptor 4, which is the channel; q_tell passes on what comes through the pipe. So
# the code may stand in the middle of the output. It is one line, because some shells write line by line: nothing of the
# output can get into it.
q_ask() {
  [ $# = 6 ] && [ "$6" = END ] || return 65
  [ "$Q_SAFE" = yes ] || [ -z "$4" ] || { printf '\nT2K %s\nE noprintf\n' "$1"; return; }
  wait # the last one has answered: this only takes it out of the shell's books
  printf '\nT2K %s\nO\n' "$1"
  q_run "$1" "$2" "$4" </dev/null | q_tell "$1" "$3" "$5" &
  Q_RUN=$!
}

q_run() {
  Q_SCRIPT=$2 Q_IN=$3
  # Each process counts when hundreds of hosts are asked at once: none for a stdin that is empty anyway.
  if [ -n "$3" ]; then printf '%s' "$3" | q_script; else q_script; fi
  printf 'T2K %s C %s\n' "$1" $? >&4
}

# The question itself.
q_script() (
  unset Q_IN
  exec 4>&- 2>&1
  eval "$Q_SCRIPT"
)

# Only head holds the channel while the question runs: the answer ends when nothing that was started can print any more,
# and nothing of it comes later.
q_tell() {
  q_watch "$3" </dev/null >/dev/null 2>&1 4>&- &
  w=$!
  head -c "$2" >&4
  read -r s && cat >/dev/null # past the cap: what is left is swallowed, so that nothing stands still
  kill "$w"
  printf 'T2K %s Z\n' "$1"
}

# Ends the question after so many seconds, also when nobody waits for it any more and nobody says so.
q_watch() {
  o=$! # somebody else's, from before
  # KILL, because a process that has just been forked may still have our trap instead of an end.
  trap '[ "$!" = "$o" ] || kill -KILL "$!"; exit' TERM
  sleep "$1" &
  wait "$!" && q_kill
}

# The shell's own stdin has ended: so does what it was asked.
q_left() {
  [ -n "$Q_RUN" ] && j_stat "$Q_RUN" && q_kill
}

# Ends this shell with its question: the whole process group where that is ours, else (sudo may stand above us) all that
# descends from this shell. What is found is stopped at once, so that it starts nothing more while we look.
q_kill() {
  [ "$Q_OWN" = yes ] && kill -KILL 0
  exec 2>/dev/null
  trap '' TERM # q_tell sends it when its head has gone, and we are not done
  read -r me s </proc/self/stat
  k=" $$ " grown=yes
  while [ "$grown" = yes ]; do
    grown=no
    for d in /proc/[0-9]*; do
      d=${d#/proc/}
      case $k in *" $d "*) continue ;; esac
      j_stat "$d" || continue
      case $k in *" $PP "*) k="$k$d " grown=yes ;; *) continue ;; esac
      [ "$d" = "$me" ] || kill -STOP "$d"
    done
  done
  for d in $k; do
    [ "$d" = "$me" ] || kill -KILL "$d"
  done
}
