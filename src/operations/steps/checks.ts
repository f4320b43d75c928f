/**
 * Asks whether a site is well: each check of the plan in turn, again and again until all of them say yes or the time is
 * over. What cannot be asked at all, because a program is missing, is not waited for: nobody can tell.
 */
export const CHECKS = `
answer=$TWOKEY_DIR/answer
# Asks check $1 once: 0 well, 1 not (yet), 2 nobody can tell.
ask() {
  eval "kind=\\$P_check_$1_kind at=\\$P_check_$1_at"
  : >"$answer"
  case $kind in
    command)
      run_group "check_$1" >"$answer" 2>&1
      code=$?
      case $code in 72 | 126 | 127) return 2 ;; esac
      bears "check_$1" "$code" "$answer" ;;
    tcp)
      if command -v bash >/dev/null; then (LIMIT=5; run_words bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"' bash "$at") >"$answer" 2>&1
      elif command -v nc >/dev/null; then (LIMIT=5; run_words nc -z 127.0.0.1 "$at") >"$answer" 2>&1
      else echo "neither bash nor nc is there to ask the port with" >"$answer"; return 2; fi || return 1 ;;
    http)
      if command -v curl >/dev/null; then
        run_words curl -s -S -o /dev/null -w 'answered with %{http_code}\\n' --max-time 10 -- "$at" >"$answer" 2>&1
        grep -qx 'answered with 200' "$answer"
      elif wget --version 2>/dev/null | grep -q '^GNU'; then run_words wget -T 10 -t 1 --max-redirect=0 -O /dev/null -- "$at" >"$answer" 2>&1
      else echo "neither curl nor GNU wget is there to ask with" >"$answer"; return 2; fi || return 1 ;;
    *) return 2 ;;
  esac
}
# Waits until every check says yes. 0 well, 1 not in time, 2 nobody can tell.
await_health() {
  began=$(date +%s) said=''
  while :; do
    waited=$(($(date +%s) - began)) check=0 ill=''
    LIMIT=$((P_wait_seconds - waited))
    [ "$LIMIT" -ge 1 ] || LIMIT=1
    while [ -z "$ill" ] && [ "$check" -lt "$P_checks" ]; do
      check=$((check + 1))
      eval "name=\\$P_check_\${check}_name"
      ask "$check"
      case $? in
        0) ;;
        2) cat "$answer"; echo "UNKNOWN: $name could not be asked"; return 2 ;;
        *) ill=$name ;;
      esac
    done
    [ -n "$ill" ] || { echo "healthy after $waited s: $P_checks of $P_checks"; return 0; }
    if [ "$ill" != "$said" ]; then said=$ill; echo "not healthy yet: $ill"; head -c 2000 "$answer"; fi
    echo "$((check - 1)) of $P_checks healthy after $waited s, waiting for $ill" >"$TWOKEY_PROGRESS"
    [ "$waited" -lt "$P_wait_seconds" ] || { head -c 2000 "$answer"; echo "not healthy after $waited s: $ill"; return 1; }
    sleep 1
  done
}
`;

/** What goes wrong while a site's health is awaited. */
export const CHECKS_RULES = [
  {
    when: /^UNKNOWN: .* could not be asked$/m,
    message: 'UNKNOWN: nobody can tell whether the site is healthy, because a check could not be carried out.',
    next: 'See in the log what is missing on the host, or correct the check in the profile.',
  },
  {
    when: /^not healthy after \d+ s: /m,
    message: 'The site did not become healthy in time.',
    next: 'Read in the log what the last check said, and mend the cause.',
  },
] as const;
