# What /proc says of a process; both helpers have it.

# Reads /proc/$1/stat: T start time, PP parent, PG process group. Fails when it is gone or a zombie. The fields are
# counted after the last parenthesis, because the name of a program may hold spaces and parentheses.
j_stat() {
  T='' PP='' PG=''
  { read -r s <"/proc/$1/stat"; } 2>/dev/null || return 1
  s=${s##*) }
  set -- $s
  case $1 in Z | X) return 1 ;; esac
  PP=$2 PG=$3 T=${20}
}
