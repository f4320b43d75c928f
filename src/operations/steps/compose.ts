/** What the steps that change a compose file have in common. Names of files are parameters, and begin with no dash. */
export const COMPOSE_FILES = `
set -u
LC_ALL=C
export LC_ALL
umask 077
cd "$P_folder" || { echo "the folder $P_folder is not there"; exit 72; }
# The SHA-256 of a file; nothing for what is no file of its own.
sum() {
  [ -f "$1" ] && [ ! -L "$1" ] || return 0
  s=$(sha256sum <"$1") && printf '%s' "\${s%% *}"
}
# The owner, the group and the mode of the compose file, for the file $1.
like_file() {
  [ "$(stat -c %u:%g "$1")" = "$(stat -c %u:%g "$P_file")" ] || chown "$(stat -c %u:%g "$P_file")" "$1" || return
  chmod "$(stat -c %a "$P_file")" "$1"
}
# Older ones of coreutils write everything to the disk, whatever they are given.
to_disk() { sync "$1" 2>/dev/null || sync; }
`;

/** What goes wrong with any of these steps. */
export const COMPOSE_RULES = [
  {
    when: /^the folder .* is not there$/m,
    message: 'The folder of the compose file is not on the host any more.',
    next: 'Look at the host.',
  },
  {
    when: /^changed meanwhile: /m,
    message: 'The file was changed by somebody else after this was approved, so it was left alone.',
    next: 'Look at the file on the host, then send it again.',
  },
] as const;
