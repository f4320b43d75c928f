/**
 * What is run on a host that keeps a release, with what Debian has (coreutils, gzip, GNU tar). A word in brackets begins
 * each line that is ours; `[problem]`, and `[unknown]` when the account cannot tell, are last ones. Nothing is changed:
 * what tar is told to give to a program it does not write, and it does so in a folder of its own, which has to be empty
 * afterwards.
 */
const HEAD = `
export LC_ALL=C
unset TAR_OPTIONS POSIXLY_CORRECT GZIP
no() { printf '[problem] %s\\n' "$1"; exit 0; }
unknown() { printf '[unknown] %s\\n' "$1"; exit 0; }
seen() { stat -L -c '%s %Y %i' "$P_path"; }
if [ ! -f "$P_path" ]; then
  [ -x "\${P_path%/*}/" ] || unknown 'this account cannot look into its folder'
  no 'it is not there, or it is no file'
fi
[ -r "$P_path" ] || unknown 'this account may not read it'
before=$(seen) || unknown 'this host has no stat'
sum=$(sha256sum < "$P_path") || unknown 'its checksum could not be taken'
printf '[sha256] %s\\n[size] %s\\n' "\${sum%% *}" "\${before%% *}"
`;

/** P_path: the file. Prints its size, following links, or that it is gone; nothing when the account cannot tell. */
export const SIZE = `
export LC_ALL=C
if size=$(stat -L -c %s "$P_path" 2>/dev/null); then printf '[size] %s\\n' "$size"
elif [ -x "\${P_path%/*}/" ]; then echo '[gone]'
fi
`;

/** P_path: the file. Prints its checksum and size. */
export const CHECKSUM = HEAD;

/**
 * P_path: the file; P_most: how many bytes it may unpack to. Prints its checksum and size, its entries, and the checksum
 * of each regular file in it.
 */
export const MANIFEST = `${HEAD}
t=$(mktemp -d) || unknown 'this host has no room for a temporary folder'
trap 'cd /; rm -rf "$t"' EXIT
trap 'exit 143' TERM INT HUP
case $(head -c 2 "$P_path" | od -An -tx1 | tr -d ' \\n') in
  1f8b) plain() { { gzip -dc < "$P_path" 2>/dev/null || : > "$t/bad"; } | head -c "$P_most"; } ;;
  *) plain() { head -c "$P_most" "$P_path"; } ;;
esac
# tar is content with an archive that ends between two files; its last two blocks have to be there, and empty.
end=$(plain | tail -c 1024 | od -An -v -tx1 | tr -d ' \\n')
[ ! -e "$t/bad" ] || no "its compression is damaged, or it unpacks to more than $P_most bytes"
[ -n "$end" ] || no 'it is empty'
plain | tar -tf - >/dev/null 2>&1 || no 'it is no tar, or it is damaged or cut short'
case $end in *[!0]*) no 'it is cut short: its end is missing' ;; esac
[ "\${#end}" = 2048 ] || no 'it is cut short: its end is missing'
case $(tar --version 2>/dev/null) in
  *'GNU tar'*) ;;
  *) echo '[no listing]'; echo '[end]'; exit 0 ;;
esac
echo '[entries]'
plain | tar --numeric-owner --full-time --quoting-style=c -tvf - 2>/dev/null || no 'its entries could not be listed'
echo '[hashes]'
mkdir "$t/none" && cd "$t/none" || unknown 'this host has no room for a temporary folder'
plain | tar --to-command='exec sha256sum' --no-same-owner --no-same-permissions -xf - 2>/dev/null ||
  no 'its files could not be read'
cd / && rmdir "$t/none" || no 'its tar writes files where it should not'
[ "$before" = "$(seen)" ] || no 'it is still being written'
echo '[end]'
`;
