import { ARGV, ARGV_RULES } from './argv.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/**
 * Words in which Compose complains. All others may be values of the file, also passwords: docker-compose v1 prints the
 * line that it cannot read, and both versions print what they cannot put a variable into. So nothing else passes, but the
 * words of the path that was typed (`words`), and numbers of lines.
 */
const KNOWN = `a additional all allowed an and any are array as at be because been block boolean but by can cannot collection column
compose conflict contains could declared defaulting defined depends did directory docker does due either empty
environment error errors expected external field file find following for format found from has have if image in includes
incompatible indentation int integer interpolation invalid is it its key label labels line list map mapping may missing more
must name named neither network networks no nor not number object of one only option optional or parsing port ports
properties property read refers required resource sequence service services set should start starting string
supported that the there they this to too top-level type types undefined unexpected unique unknown unmarshal unsupported
use used valid validating validation value values variable variables version volume volumes was were while with yaml you
build cap_add cap_drop cgroup_parent command config configs container container_name cpus
credential_spec depends_on deploy devices dns domainname duration entrypoint env_file expose extends extra_hosts
healthcheck hostname init interval links logging mem_limit network_mode privileged profiles pull_policy read_only replicas
resources limits restart retries scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal sysctls
timeout tmpfs tty ulimits user working_dir blank warning obsolete ignored attribute please remove
`;

/**
 * Prints what Compose said, with three asterisks in place of all that may be a value; at most 20 lines of 400 characters.
 * A word passes when it stands alone but for the marks of a sentence, and so do the known parts of `services.app.image`.
 */
const ONLY_KNOWN = `awk '
BEGIN {
  n = split(ENVIRON["KNOWN"] " " tolower(ENVIRON["P_words"]), all, " ")
  for (i = 1; i <= n; i++) known[all[i]] = 1
}
function shown(word, parts, n, i, out) {
  if (tolower(word) in known) return word
  if ((last == "line" || last == "column") && word ~ /^[0-9]+$/ && length(word) < 6) return word
  if (word !~ /^services[.][A-Za-z0-9_.-]+$/) return "***"
  n = split(word, parts, ".")
  out = parts[1]
  for (i = 2; i <= n; i++) out = out "." ((tolower(parts[i]) in known) ? parts[i] : "***")
  return out
}
NR <= 20 {
  n_words = split(substr($0, 1, 400), words, " ")
  out = last = ""
  for (w = 1; w <= n_words; w++) {
    word = words[w]
    gsub(/^["\\047(]+|["\\047)]+$/, "", word)
    mark = word ~ /[.,:;]$/ ? substr(word, length(word)) : ""
    gsub(/["\\047).,:;]+$/, "", word)
    if (word == "") continue
    word = shown(word)
    if (word == "***" && last == word && mark == "") continue
    out = out (out == "" ? "" : " ") word mark
    last = tolower(word)
  }
  if (out ~ /[a-z]/) print out
}' "$said"`;

/** Lets Compose itself read a file, together with what it lays over it. What it prints reaches nobody as it is. */
const body = `${ARGV}
said=$TWOKEY_DIR/said
umask 077
run_group do >"$said" 2>&1
code=$?
[ "$code" != 127 ] || echo "the program of Compose is not there"
[ "$code" != 72 ] || [ -d "$P_do_folder" ] || echo "the folder $P_do_folder is not there"
[ ! -s "$said" ] || {
  KNOWN='${KNOWN.replaceAll(/\s+/g, ' ')}'
  export KNOWN
  echo "Compose says (what may be a value of the file is left out):"
  ${ONLY_KNOWN}
}
rm -f "$said"
[ "$code" = 0 ] && echo "the file is valid"
exit "$code"
`;

export const composeValidate: StepDefinition = {
  name: 'compose.validate',
  body,
  explain: explainBy(
    [
      ...ARGV_RULES,
      {
        when: /^the program of Compose is not there$/m,
        message: 'The program of Compose is not on the host.',
        next: 'Install it, or correct the site’s profile: `compose` is `docker compose`, `compose-v1` is `docker-compose`.',
      },
    ],
    {
      message: 'Compose refuses the file',
      next: 'Mend what it names, then send it again. All that it says can only be seen on the host, because it may show passwords: run `config -q` there, for an edit on a copy of the file, which `--from` then takes.',
    },
  ),
};
