# How everything that is found leaves the host. A frame is a head `@kind name`, lines of content that all begin with `>`,
# lines of our own that begin with `@:`, and a tail `@. state`. Content passes body(), so nothing that a file holds can
# look like a head or a tail; a name with a line feed in it gets no frame. Reads only, and keeps standard error quiet.

exec 2>/dev/null </dev/null 4>&1
LC_ALL=C
export LC_ALL
# In use always empty; a test lays out a host below a folder of its own.
R=$P_root
NL='
'
MOST_BYTES=65536
# Older ones of busybox know no -k.
TIMEOUT=
if timeout -k 1 5 true; then TIMEOUT='timeout -k 1'
elif timeout 5 true; then TIMEOUT=timeout; fi

# So many seconds after its beginning the look asks nothing more, so that it ends before its time is over.
MOST_SECONDS=15
BEGAN=$(date +%s)
late() { [ $(($(date +%s) - BEGAN)) -gt "$MOST_SECONDS" ]; }

begin() {
  case $2 in *"$NL"*) return 1 ;; esac
  printf '@%s %s\n' "$1" "$2" >&4
}

end() { printf '@. %s\n' "$1" >&4; }

note() { printf '@: %s\n' "$1" >&4; }

body() {
  head -c "$MOST_BYTES" | tr -d '\000\r' | sed 's/^/>/' >&4
  echo >&4
}

# Whether a path may be read: it must not lead into the kernel's own file systems.
inner() {
  case $(readlink -f "$1") in /proc | /proc/* | /sys | /sys/* | /dev | /dev/*) return 1 ;; esac
}

# gone PATH: ends the frame of a path that is not seen: it is not there, or a folder above it lets nobody look.
gone() {
  if [ -L "$R$1" ]; then end broken; return; fi
  g_d=${1%/*}
  while [ -n "$g_d" ] && [ ! -d "$R$g_d" ]; do g_d=${g_d%/*}; done
  if [ -x "$R$g_d/" ]; then end absent; else end denied; fi
}

# folder KIND PATH: whether a folder is there.
folder() {
  begin "$1" "$2" || return 0
  if [ -d "$R$2" ]; then end ok
  elif [ -e "$R$2" ]; then end odd
  else gone "$2"; fi
}

# file KIND PATH FILTER: a regular file, after its filter.
file() {
  begin "$1" "$2" || return 0
  if [ ! -e "$R$2" ]; then gone "$2"
  elif late; then end unasked
  elif ! inner "$R$2"; then end refused
  elif [ ! -f "$R$2" ]; then end odd
  elif [ ! -r "$R$2" ]; then end denied
  else
    m=$(ls -ldL "$R$2")
    note "mode ${m%% *}"
    head -c "$MOST_BYTES" "$R$2" | "$3" | body
    if [ "$(wc -c <"$R$2")" -gt "$MOST_BYTES" ]; then end cut; else end ok; fi
  fi
}

# tool KIND NAME SECONDS FILTER COMMAND...: what a program says. Without `timeout` nothing that may hang is asked.
tool() {
  begin "$1" "$2" || return 0
  t_s=$3 t_f=$4 t_c=
  shift 4
  if ! command -v "$1" >/dev/null; then end absent
  elif [ -z "$TIMEOUT" ] || late; then end unasked
  else
    t_c=$({ { $TIMEOUT "$t_s" "$@" </dev/null 4>&-; echo $? >&3; } | "$t_f" 3>&- | body 3>&-; } 3>&1)
    case $t_c in
      0) end ok ;;
      124 | 137) end timeout ;;
      *) end "failed $t_c" ;;
    esac
  fi
}

# asked SECONDS COMMAND...: what a program says, for use within the script; nothing where `tool` would not ask it.
asked() { [ -n "$TIMEOUT" ] && ! late && $TIMEOUT "$@" 4>&-; }

# paths MOST PATTERN-EXPANSION...: those that are there, one a line, without the root; odd names and the surplus are left out.
paths() {
  p_n=$1
  shift
  for p; do
    [ -e "$p" ] || [ -L "$p" ] || continue
    case $p in *"$NL"*) continue ;; esac
    [ "$p_n" -gt 0 ] || break
    p_n=$((p_n - 1))
    printf '%s\n' "${p#"$R"}"
  done
}

plain() { cat; }
