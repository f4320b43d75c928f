# What may be told of a file. Every filter names what it lets through; all else stays on the host, whatever it is, or
# is told as MASKED where the name alone says something. So a secret is kept back also under a name nobody thought of.

# User and password within an address; a data source that is no address is not told at all.
no_passwords() {
  sed -e 's#://\([^: /@]*\):[^ ]*@#://\1:MASKED@#g' -e 's#\([?&;][A-Za-z_]*[Pp]ass[A-Za-z_]*\)=[^& "]*#\1=MASKED#g' \
    -e '/:\/\//!s#\(DATABASE_URL *[:=] *\).*#\1MASKED#'
}

# Settings that say where a site is and which database it has.
ENV_TOLD='SHOTGUN_SITE_URL SITE_URL POSTGRES_HOST POSTGRES_PORT POSTGRES_USER POSTGRES_DB PGHOST PGPORT PGUSER PGDATABASE
  DATABASE_URL DB_HOST DB_PORT DB_NAME DB_USER RAILS_ENV RACK_ENV NODE_ENV DJANGO_SETTINGS_MODULE TZ'

# NAME=value lines, also as JSON strings.
keep_env() {
  awk -v told="$ENV_TOLD" '
    BEGIN { n = split(told, names); for (i = 1; i <= n; i++) ok[names[i]] = 1 }
    /^"[0-9a-f]+"$/ && length($0) == 66 { print; next }
    {
      line = $0; q = ""
      sub(/^[ \t]*(export[ \t]+)?/, "", line)
      if (substr(line, 1, 1) == "\"") { q = "\""; line = substr(line, 2) }
      at = index(line, "=")
      key = substr(line, 1, at - 1)
      if (at < 2 || key !~ /^[A-Za-z_][A-Za-z_0-9]*$/) next
      if (key in ok) print q line; else print q key "=MASKED" q
    }' | no_passwords
}

# A YAML file: $1 is the kind. Keys that are not named are dropped with all that is below them, and comments always.
keep_yaml() {
  awk -v mode="$1" -v told="$ENV_TOLD" '
    function list(text, into, n, i, names) { n = split(text, names); for (i = 1; i <= n; i++) into[names[i]] = 1 }
    function verdict(key,  body) {
      if (mode == "database") {
        if (depth == 0) return "open"
        if (depth == 1 && key == "primary") return "open"
        return key in dbkeys ? "value" : ""
      }
      if (mode == "commcare") {
        if (depth == 0) return key in ccvalues ? "value" : (key == "dbs" ? "open" : "")
        return key in ccdb ? "value" : "open"
      }
      if (depth == 0) {
        if (key == "version" || key == "name") return "value"
        return (key == "services" || key == "networks" || key == "volumes" || key ~ /^x-/) ? "open" : ""
      }
      if (keys[1] == "networks" || keys[1] == "volumes") return depth == 1 ? "open" : ""
      if (keys[1] == "services" && depth == 1) return "open"
      body = keys[1] == "services" ? 2 : 1
      if (depth == body) {
        if (key in svalues) return "value"
        return (key in slists || key == "environment" || key == "labels") ? "open" : ""
      }
      if (depth == body + 1 && keys[depth] == "environment") return key in envs ? "value" : "mask"
      if (depth == body + 1 && keys[depth] == "labels") return key ~ /^com\.shotgunsoftware\.component$/ ? "value" : "mask"
      if (depth == body + 1 && (keys[depth] == "depends_on" || keys[depth] == "networks")) return "open"
      return ""
    }
    function whole(v,  a, z) {
      a = substr(v, 1, 1); z = substr(v, length(v), 1)
      if (a == "{") return v == "{}"
      if (a == "[") return z == "]"
      if (a == "\"" || a == "\047") return length(v) > 1 && z == a
      return a != "|" && a != ">"
    }
    BEGIN {
      skip = -1; depth = 0
      list(told, envs)
      list("adapter database host port username user socket encoding pool url schema_search_path <<", dbkeys)
      list("image container_name hostname network_mode restart working_dir user env_file << platform", svalues)
      list("ports expose volumes depends_on networks env_file profiles", slists)
      list("SITE_HOST deploy_env env_monitoring_id DEFAULT_POSTGRESQL_HOST backup_postgres backup_couch backup_blobdb backup_es postgres_s3 postgresql_backup_dir postgresql_backup_days postgresql_backup_weeks daylight_savings_time nadir_hour", ccvalues)
      list("name host port user django_alias", ccdb)
    }
    /\t/ || /^ *(#|$)/ || /^(---|\.\.\.|%)/ { next }
    {
      match($0, /^ */); at = RLENGTH; text = substr($0, at + 1); item = (text ~ /^-( |$)/)
      if (skip >= 0) {
        if (at > skip || (item && at == skip && skipkey)) next
        skip = -1
      }
      while (depth > 0 && (ind[depth] > at || (ind[depth] == at && !item))) depth--
      if (item) {
        rest = substr(text, 3); parent = keys[depth]
        word = rest; gsub(/^["\047]|["\047]$/, "", word)
        if ((parent == "environment" || parent == "labels") && match(word, /^[A-Za-z_.][A-Za-z0-9_.-]*=/)) {
          key = substr(word, 1, RLENGTH - 1)
          if (key in envs || key == "com.shotgunsoftware.component") print
          else printf "%*s- %s=MASKED\n", at, "", key
        } else if (parent in slists && whole(rest) && rest !~ /^[A-Za-z_]+:( |$)/ && rest !~ /^[{\[]/) print
        else { skip = at; skipkey = 0 }
        next
      }
      if (!match(text, /^("[^"]*"|\047[^\047]*\047|[^ :"\047#&*!|>%@`{}\[\]][^:]*|<<):( |$)/)) next
      key = substr(text, 1, RLENGTH); value = substr(text, RLENGTH + 1)
      sub(/:[ ]*$/, "", key); gsub(/^["\047]|["\047]$/, "", key)
      sub(/^ +/, "", value); if (value !~ /^["\047]/) sub(/ +#.*$/, "", value); sub(/ +$/, "", value)
      if (value ~ /^#/) value = ""
      v = verdict(key)
      if (v == "mask") { printf "%*s%s: MASKED\n", at, "", key; skip = at; skipkey = 1; next }
      if (v == "" || (v == "open" && value != "" && value !~ /^[&*][A-Za-z0-9_-]+$/ && !(key in slists && whole(value))) || !whole(value)) {
        skip = at; skipkey = 1; next
      }
      printf "%*s%s\n", at, "", value == "" ? substr(text, 1, index(text, ":")) : substr(text, 1, RLENGTH) value
      if (v == "value" && value != "") { skip = at; skipkey = 1; next }
      depth++; ind[depth] = at; keys[depth] = key
    }' | no_passwords
}
keep_database() { keep_yaml database; }
keep_compose() { keep_yaml compose; }
keep_commcare() { keep_yaml commcare; }

# Directives of Apache, continued lines joined first.
keep_vhost() {
  awk '
    { line = line $0 }
    /\\$/ { line = substr(line, 1, length(line) - 1); next }
    {
      sub(/^[ \t]+/, "", line); word = tolower(line); sub(/[ \t>].*$/, "", word)
      if (word ~ /^(<virtualhost|<\/virtualhost|servername|serveralias|documentroot|sslengine|sslcertificatefile|passengerapproot|passengerappenv|railsenv|rackenv)$/) print line
      line = ""
    }' | no_passwords
}

# INI files of KARL. Of a data source only the parts that name the database, and the password goes first.
keep_karl() {
  awk '
    /^\[[^\]]*\][ \t]*$/ { print; next }
    /^(use|host|port|virtual_host|keep_history|instances_config|error_monitor_dir|mail_queue_path)[ \t]*[=:]/ { print; next }
    /^dsn[ \t]*[=:]/ {
      rest = $0; sub(/^dsn[ \t]*[=:][ \t]*/, "", rest)
      gsub(/password[ \t]*=[ \t]*(\047([^\047\\]|\\.)*\047?|[^ \t]*)/, "", rest)
      out = "dsn ="
      while (match(rest, /(dbname|host|port|user)[ \t]*=[ \t]*(\047[^\047]*\047|[^ \t\047]+)/)) {
        out = out " " substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
      }
      print out
    }' | no_passwords
}

# An Ansible inventory: groups, and of a host only its names.
keep_inventory() {
  awk '
    /^[ \t]*([#;]|$)/ { next }
    /^\[[^\]]*\][ \t]*$/ { print; vars = ($0 ~ /:vars\]/); next }
    vars { if ($0 ~ /^(hostname|ansible_host)[ \t]*=/) print; next }
    {
      out = $1
      for (i = 2; i <= NF; i++) if ($i ~ /^(hostname|ansible_host|ansible_port)=/) out = out " " $i
      print out
    }'
}

# Properties of units; of the environment only settings that are named, taken apart as systemd quotes them.
keep_units() {
  awk -v told="$ENV_TOLD" '
    function flush() { if (block != "" && useful) printf "%s\n", block; block = ""; useful = 0 }
    function assignment(one,  key) {
      key = substr(one, 1, index(one, "=") - 1)
      if (key in ok) { block = block "Environment." one "\n"; useful = 1 }
    }
    BEGIN { n = split(told, names); for (i = 1; i <= n; i++) ok[names[i]] = 1 }
    /^$/ { flush(); next }
    /^Environment=/ {
      rest = substr($0, 13); word = ""; quoted = 0
      for (i = 1; i <= length(rest); i++) {
        c = substr(rest, i, 1)
        if (c == "\\") { i++; word = word substr(rest, i, 1) }
        else if (c == "\"") quoted = !quoted
        else if (c == " " && !quoted) { assignment(word); word = "" }
        else word = word c
      }
      assignment(word); next
    }
    /^(EnvironmentFiles|ActiveState|MainPID)=/ { if ($0 !~ /=(0|inactive|)$/) useful = 1 }
    { block = block $0 "\n" }
    END { flush() }' | no_passwords
}

# Of the sockets of a host those at which a client speaks with a PostgreSQL or a pgbouncer: `PATH pid=N pid=N`. The end that
# the server holds names the path; the client's end, its process, as far as the account may know it.
keep_sockets() {
  awk '
    {
      at = $2 ~ /^[0-9]+$/ ? 4 : 5
      if ($at ~ /\/\.s\.PGSQL\.[0-9]+$/) { path[$(at + 3)] = $at; next }
      if ($at != "*") next
      rest = $0; found = ""
      while (match(rest, /pid=[0-9]+/)) { found = found " " substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH) }
      pids[$(at + 1)] = found
    }
    END { for (client in path) print path[client] pids[client] }'
}

# Of a cron line: when, and which program; its arguments stay.
keep_cron() {
  awk '
    /^[ \t]*(#|$)/ || /^[A-Za-z_]+[ \t]*=/ || NF < 2 { next }
    {
      from = substr($1, 1, 1) == "@" ? 2 : 6; job = ""
      for (i = from; i <= NF; i++) if ($i ~ /^\// && $i !~ /^\/(run|dev|proc)\// && $i !~ /\/(flock|lockfile|sh|bash|env|test|nice|timeout)$/) { job = $i; break }
      if (job == "" || job ~ /=/) next
      for (i = 1; i < from; i++) printf "%s ", $i
      print job ($0 ~ /flock|lockfile/ ? " locked" : "")
    }'
}
