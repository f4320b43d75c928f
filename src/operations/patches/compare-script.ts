/**
 * Compares files of a host with what a release ships, with what Debian has (awk, coreutils, findutils). Reads only, at
 * low priority. P_root: the folder of the release; P_seconds: for how long files may be read.
 *
 * Standard input: one line a folder or a file, fields between tabs: its letter (`d` a folder, `f` a file, `l` a symbolic
 * link, `h` a link or a file of that content), the line of the folder it lies in (0 for P_root; folders stand before
 * what is in them), size, SHA-256, path below P_root with `./` before it, and where the link leads. Paths hold no
 * control characters and no backslash, so that no tool has to write one in another way; what they hold beside that is
 * never taken for syntax, because it only passes through pipes, arguments behind `--` and quoted variables.
 *
 * Answer: `[problem] …` as the only line, or, of what is not as shipped, the number of its line with `missing`, `type` (no
 * hash: something that is no file), `link`, `modified` with the SHA-256 of the content or of where the link leads (`-`
 * when it was not read), `unreadable` and `late`; `[same]` with how many were found to be as shipped, from each part that
 * finds some; then `[end]`. A folder that is a link is told, and nothing below it is looked at. So the numbers add up
 * unless a program died on the way.
 */
export const COMPARE = `
export LC_ALL=C
exec 2>/dev/null
no() { printf '[problem] %s\\n' "$1"; exit 0; }
if ! cd -P -- "$P_root"; then
  [ -d "$P_root" ] && no closed
  a=$P_root
  while [ -n "$a" ] && [ ! -d "$a" ]; do a=\${a%/*}; done
  [ -x "$a/" ] && no gone
  no closed
fi
for tool in awk cut date nice readlink sha256sum stat tr xargs; do command -v "$tool" >/dev/null || no tools; done
timeout --foreground 5 true || no tools
T=$(printf '\\t')
export P_until="$(($(date +%s) + P_seconds))"
late() { [ "$(date +%s)" -ge "$P_until" ]; }
expected=$(cat)

# What is there, beside what has to be there: what differs at a glance, and what has to be looked into.
work=$(
  {
    printf '%s\\n' "$expected" =
    printf '%s\\n' "$expected" | cut -f 5 | tr '\\n' '\\0' | xargs -0 -r stat -c '%f %s %n' --
  } | awk -F '\\t' -v OFS='\\t' '
    !all && $0 == "=" { all = 1; next }
    !all { n++; kind[n] = $1; above[n] = $2; size[n] = $3; sum[n] = $4; path[n] = $5; link[n] = $6; at[$5] = n; next }
    {
      i = index($0, " "); rest = substr($0, i + 1); j = index(rest, " ")
      k = at[substr(rest, j + 1)]
      # The first digit of the mode is the type: 4 a folder, 8 a file, a a link.
      if (k) { type[k] = i == 5 ? substr($0, 1, 1) : "other"; bytes[k] = substr(rest, 1, j - 1) }
    }
    END {
      for (k = 1; k <= n; k++) {
        if (above[k] in hidden) { hidden[k] = 1; continue }
        if (kind[k] == "d") { if (type[k] == "a") { hidden[k] = 1; print "L", k, path[k], "" } }
        else if (type[k] == "") print "A", k, path[k]
        else if (type[k] == "a") print "L", k, path[k], link[k]
        else if (type[k] != "8") print "T", k
        else if (kind[k] != "l" && (bytes[k] "") == (size[k] "")) print "H", k, path[k], sum[k]
        else last[++m] = k
      }
      # What has another size is modified for sure; which content it has is asked after the rest.
      for (i = 1; i <= m; i++) print "D", last[i], path[last[i]], sum[last[i]]
    }'
)
of() { printf '%s\\n' "$work" | awk -F '\\t' -v OFS='\\t' -v which="$1" '$1 != "" && index(which, $1)'; }

of T | while IFS=$T read -r _ n _; do echo "$n type"; done

# Missing, or in a folder that this account may not look into.
of A | while IFS=$T read -r _ n p; do
  a=\${p%/*}
  while [ "$a" != . ] && [ ! -d "$a" ]; do a=\${a%/*}; done
  if [ ! -x "$a" ] || [ -e "$p" ] || [ -L "$p" ]; then echo "$n unreadable"; else echo "$n missing"; fi
done

of L | {
  i=0 over=no same=0
  while IFS=$T read -r _ n p to; do
    i=$((i + 1))
    case $i in *00) ! late || over=yes ;; esac
    if [ "$over" = yes ]; then echo "$n late"
    elif ! is=$(readlink -n -- "$p" && echo x); then echo "$n unreadable"
    elif [ "$is" = "\${to}x" ]; then same=$((same + 1))
    else echo "$n link $(printf '%s' "\${is%x}" | sha256sum | cut -c 1-64)"
    fi
  done
  echo "[same] $same"
}

{
  of HD
  echo =
  of HD | cut -f 3 | tr '\\n' '\\0' | xargs -0 -r sh -c '
    left=$((P_until - $(date +%s)))
    [ "$left" -gt 0 ] || exit 255
    exec nice -n 10 timeout --foreground "$left" sha256sum -- "$@"' sh
} | awk -F '\\t' -v OFS='\\t' '
  !all && $0 == "=" { all = 1; next }
  !all { how[$2] = $1; path[$2] = $3; want[$2] = $4; at[$3] = $2; next }
  {
    k = at[substr($0, 67)]
    if (k == "") next
    got[k] = 1
    if (substr($0, 1, 64) == want[k]) same++
    else print "=", k " modified " substr($0, 1, 64)
  }
  END {
    print "=", "[same] " (same + 0)
    for (k in how) if (!(k in got)) print how[k], k, path[k]
  }' | {
  over=no
  while IFS=$T read -r how n p; do
    [ "$how" != = ] || { echo "$n"; continue; }
    [ "$how" != D ] || echo "$n modified -"
    if [ ! -r "$p" ]; then echo "$n unreadable"
    elif [ "$over" = yes ] || late; then over=yes; echo "$n late"
    else echo "$n unreadable"
    fi
  done
}
echo '[end]'
`;
