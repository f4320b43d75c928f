/** Enters a mode of maintenance (the group $1), then asks until the probe shows the sign $2; an application may need a moment. */
export const MAINTENANCE = `
enter() {
  run_group "$1" || { code=$?; echo "the command that enters the mode failed"; return "$code"; }
  [ "$P_probe_runs" -gt 0 ] || { echo "nothing shows the mode: the profile has no probe"; return 0; }
  tries=0
  while :; do
    run_group probe >"$TWOKEY_DIR/shown" 2>&1
    if bears "$2" "$?" "$TWOKEY_DIR/shown"; then echo "the probe shows the mode"; return 0; fi
    tries=$((tries + 1))
    [ "$tries" -lt "$P_probe_tries" ] || break
    sleep 1
  done
  cat "$TWOKEY_DIR/shown"
  echo "the probe does not show the mode"
  return 71
}
`;

/** What goes wrong while a mode is entered. */
export const MAINTENANCE_RULES = [
  {
    when: /^the probe does not show the mode$/m,
    message: 'The mode was entered, but the probe does not show it.',
    next: 'Look at the site, and at `maintenance` in the profile: its probe, or what the mode is shown by.',
  },
] as const;
