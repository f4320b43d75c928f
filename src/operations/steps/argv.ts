/**
 * How a step runs commands that a profile gives it. Every word of every command is a parameter of its own (see
 * profile/encode.ts) and becomes one positional argument; no text is ever read as shell. The words of `eval` below are
 * names of parameters, made of the body's own constants and of numbers.
 */
export const ARGV = `
set -u
exec </dev/null
# Administration programs of a plain account; what the host's own PATH names goes first.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
# The most seconds that one command may take; empty for any.
LIMIT=''
# Runs the commands of group $1 in its folder until one fails; its exit code is theirs.
run_group() {
  eval "folder=\\$P_$1_folder runs=\\$P_$1_runs"
  cd "$folder" || { echo "the folder $folder is not there"; return 72; }
  group=$1 run=0
  while [ "$run" -lt "$runs" ]; do
    run=$((run + 1)) word=0
    eval "words=\\$P_\${group}_\${run}_words"
    set --
    while [ "$word" -lt "$words" ]; do
      word=$((word + 1))
      eval "set -- \\"\\$@\\" \\"\\$P_\${group}_\${run}_\${word}\\""
    done
    run_words "$@" || return
  done
}
# What stays behind, such as a server, neither holds the site's lock nor sees the parameters.
run_words() (
  unset $(env | sed -n 's/^\\(P_[a-z0-9_]*\\)=.*/\\1/p')
  exec 9>&-
  its=''
  for word; do
    case \${word##*/} in
      docker-compose) its=compose ;;
      docker) its=\${its:-docker} ;;
      compose) its=\${its:+compose} ;;
    esac
  done
  if [ -n "$LIMIT" ] && command -v timeout >/dev/null; then set -- timeout "$LIMIT" "$@"; fi
  [ "$its" = compose ] || exec "$@"
  { code=$({ { "$@" 2>&1 >&4 3>&- 4>&-; echo "$?" >&3; } | unnamed_variables >&2 3>&- 4>&-; } 3>&1); } 4>&1
  exit "$code"
)
# Whenever it reads its file, Compose names variables that are not set, and that may be a password with a "$" in it.
unnamed_variables() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      *ariable*"is not set"*) line='A variable of the compose file is not set; its name is left out, as it may be the end of a password ($$ stands for a $).' ;;
    esac
    printf '%s\\n' "$line"
  done
}
# Does an answer, exit code $2 and output in the file $3, bear the sign $1?
bears() {
  eval "exit=\\$P_$1_exit prints=\\$P_$1_prints"
  [ -z "$exit" ] || [ "$2" = "$exit" ] || return 1
  [ -z "$prints" ] || grep -qF -- "$prints" "$3"
}
`;

/** What goes wrong with any command of a profile. */
export const ARGV_RULES = [
  {
    when: /^the folder .* is not there$/m,
    message: 'The folder that the command runs in is not on the host.',
    next: 'Correct `site_dir` in the estate, or the command’s `in` in the profile.',
  },
] as const;
