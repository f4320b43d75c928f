# What is looked at. The order is the order of use: should an answer be cut, the end is missing.

host_part() {
  file os /etc/os-release plain
  tool uname - 3 plain uname -srm
  tool name - 3 plain uname -n
  tool addresses - 3 plain hostname -I
  tool account - 3 plain id -un
  tool clock - 3 plain date +%s
  tool synchronised - 3 plain timedatectl show -p NTPSynchronized --value
  tool cpus - 3 plain getconf _NPROCESSORS_ONLN
  tool memory - 3 plain awk '/^(MemTotal|MemAvailable|SwapTotal):/' /proc/meminfo
  tool disks - 5 plain df -Pkl
  tool ports - 5 plain ss -Htln
  tool selinux - 3 plain getenforce
  tool psql - 3 plain psql --version
  paths 8 "$R"/usr/lib/postgresql/*/bin/postgres "$R"/usr/pgsql-*/bin/postgres "$R"/usr/local/pgsql/bin/postgres "$R"/usr/bin/postgres |
    while IFS= read -r f; do tool postgres "$f" 3 plain "$R$f" --version; done
  begin docker-socket /var/run/docker.sock
  SOCKET=absent
  if [ -n "$DOCKER_HOST" ] || [ -w "$R/var/run/docker.sock" ]; then SOCKET=ok
  elif [ -S "$R/var/run/docker.sock" ]; then SOCKET=denied; fi
  end $SOCKET
  tool docker - 5 plain docker version --format '{{.Server.Version}}'
  ENGINE=$t_c
  tool compose v2 5 plain docker compose version --short
  # It takes half a second of a processor to tell, and is of no use without an engine.
  [ $SOCKET = absent ] || tool compose v1 5 plain docker-compose version --short
}

# The layout of the older console: httpd on the PATH of the profile, vhosts, /var/rails.
web_part() {
  w_seen=
  if command -v bash >/dev/null; then tool httpd - 5 plain bash -c 'source /etc/profile >/dev/null && which httpd'
  else tool httpd - 5 plain sh -c '. /etc/profile >/dev/null && command -v httpd'; fi
  begin httpd-elsewhere -
  paths 8 "$R"/usr/sbin/httpd "$R"/usr/local/sbin/httpd "$R"/usr/local/apache2/bin/httpd "$R"/opt/*/bin/httpd "$R"/usr/sbin/apache2 | body
  end ok
  for d in /etc/httpd/conf.d /etc/httpd/vhosts.d /etc/apache2/sites-enabled /usr/local/apache2/conf/extra; do
    [ -e "$R$d" ] || continue
    # One of them may be a link to another.
    r=$(readlink -f "$R$d")
    case $w_seen in *"|$r|"*) continue ;; esac
    w_seen="$w_seen|$r|"
    begin conf-dir "$d"
    if [ -r "$R$d" ] && [ -x "$R$d" ]; then end ok; else end denied; fi
    paths 250 "$R$d"/*.conf | while IFS= read -r f; do file vhost "$f" keep_vhost; done
  done
  begin rails-dir /var/rails
  if [ ! -d "$R/var/rails" ]; then end absent; return; fi
  if [ -r "$R/var/rails" ] && [ -x "$R/var/rails" ]; then end ok; else end denied; fi
  paths 150 "$R"/var/rails/* | while IFS= read -r f; do
    begin rails "$f"
    [ -L "$R$f" ] && readlink "$R$f" | body
    if [ ! -e "$R$f" ]; then end broken
    elif [ ! -d "$R$f" ]; then end odd
    elif [ ! -x "$R$f" ]; then end denied
    else
      [ -d "$R$f/db_backup" ] && note 'db_backup yes'
      end ok
      file database "$f/config/database.yml" keep_database
      for v in VERSION version.txt REVISION; do
        [ -e "$R$f/$v" ] && file version "$f/$v" first_line && break
      done
    fi
  done
}
first_line() { head -n 1 | head -c 100; }

# Containers by their labels, and compose files by the labels and by the usual places. `docker compose ls` tells what it
# reads from the same labels, and docker-compose, the older program, has no such command.
compose_labels() {
  [ "$ENGINE" = 0 ] && asked 5 docker ps -a --format '{{.Label "com.docker.compose.project.working_dir"}}|{{.Label "com.docker.compose.project.config_files"}}' | sort -u
}
# The older program writes its files as they were typed, seen from where that was; the first of them lies in the folder.
compose_files() {
  printf '%s\n' "$LABELS" | while IFS='|' read -r d f; do
    case $d in /*) ;; *) d= ;; esac
    first=${f%%,*} b=$d
    case $first in /*) ;; */*) case $d in *"/${first%/*}") b=${d%"/${first%/*}"} ;; esac ;; esac
    while [ -n "$f" ]; do
      one=${f%%,*}
      case $f in *,*) f=${f#*,} ;; *) f= ;; esac
      case $one in /*) printf '%s\n' "$one" ;; ?*) [ -n "$d" ] && printf '%s\n' "$b/$one" ;; esac
    done
  done
  paths 100 "$R"/opt/*/*compose.y*ml "$R"/opt/*/*/*compose.y*ml "$R"/opt/*/*/*/*compose.y*ml "$R"/srv/*compose.y*ml "$R"/srv/*/*compose.y*ml \
    "$R"/srv/*/*/*compose.y*ml "$R"/home/*/*compose.y*ml "$R"/home/*/*/*compose.y*ml
}
docker_part() {
  if [ "$ENGINE" = 0 ]; then
    tool containers - 8 plain docker ps -a --no-trunc --format '[{{json .ID}},{{json .Names}},{{json .Image}},{{json .State}},{{json .Ports}},{{json (.Label "com.shotgunsoftware.component")}},{{json (.Label "com.docker.compose.project")}},{{json (.Label "com.docker.compose.service")}},{{json (.Label "com.docker.compose.project.working_dir")}},{{json (.Label "com.docker.compose.project.config_files")}}]'
    c=$(asked 5 docker ps -aq --no-trunc | grep -E '^[0-9a-f]+$' | head -n 60)
    [ -n "$c" ] && tool container-env - 8 keep_env docker inspect --format '{{json .Id}}{{range .Config.Env}}{{println}}{{json .}}{{end}}' $c
  fi
  LABELS=$(compose_labels)
  printf '%s\n' "$LABELS" | sed -n 's#^\(/[^|]*\)|.*#\1#p' | sort -u | head -n 80 | while IFS= read -r d; do folder compose-dir "$d"; done
  compose_files | sort -u | head -n 80 | while IFS= read -r f; do
    file compose-file "$f" keep_compose
    [ -e "$R${f%/*}/.env" ] && file dot-env "${f%/*}/.env" keep_env
  done
}

commcare_part() {
  paths 20 "$R"/home/*/environments "$R"/home/*/commcare-cloud/environments "$R"/opt/commcare-cloud/environments "$R"/root/environments |
    while IFS= read -r d; do
      paths 30 "$R$d"/[!_]* | while IFS= read -r e; do
        [ -d "$R$e" ] || continue
        [ -e "$R$e/inventory.ini" ] || [ -e "$R$e/public.yml" ] || [ ! -x "$R$e" ] || continue
        begin commcare "$e"
        if [ -x "$R$e" ]; then end ok; else end denied; continue; fi
        file inventory "$e/inventory.ini" keep_inventory
        for y in public proxy postgresql meta; do file commcare-yml "$e/$y.yml" keep_commcare; done
      done
    done
  paths 20 "$R"/home/*/www/*/current | while IFS= read -r f; do
    begin commcare-code "$f"
    readlink "$R$f" | body
    if [ -e "$R$f" ]; then end ok; else end broken; fi
  done
}

karl_part() {
  paths 30 "$R"/home/*/production "$R"/home/*/staging "$R"/srv/*/production "$R"/srv/*/staging "$R"/opt/*/production "$R"/opt/*/staging |
    while IFS= read -r d; do
      [ -L "$R$d/current" ] || ls -d "$R$d"/[0-9]*/etc/karlserve.ini >/dev/null || continue
      begin karl "$d"
      for b in $(paths 40 "$R$d"/[0-9]* | sed 's#.*/##' | grep -E '^[0-9]+$' | sort -n); do note "build $b"; done
      if [ -L "$R$d/current" ]; then
        readlink "$R$d/current" | body
        [ -e "$R$d/current/var/supervisord.pid" ] && note 'supervisord yes'
        if [ -e "$R$d/current" ]; then end ok; else end broken; fi
        file karl-ini "$d/current/etc/karlserve.ini" keep_karl
        file karl-instances "$d/current/etc/instances.ini" keep_karl
      else end absent; fi
    done
}

units_part() {
  tool units - 8 keep_units systemctl show '*.service' --no-pager -p Id,Environment,EnvironmentFiles,User,WorkingDirectory,MainPID,ActiveState
  asked 8 systemctl show '*.service' --no-pager -p EnvironmentFiles --value | sed -n 's/ (ignore_errors=[a-z]*)$//p' | sort -u | head -n 30 |
    while IFS= read -r f; do case $f in /*) file env-file "$f" keep_env ;; esac; done
  tool connections - 5 plain ss -Htnpe state established '( dport = :5432 or dport = :6432 )'
  tool sockets - 5 keep_sockets ss -Hxp state established
  c=$({ asked 5 ss -Htnp state established '( dport = :5432 or dport = :6432 )'; asked 5 ss -Hxp state established | keep_sockets; } | grep -Eo 'pid=[0-9]+' | cut -c 5- | sort -u | head -n 100 | tr '\n' ',')
  [ -n "$c" ] && tool pid-units - 5 plain ps -o pid=,uid=,unit= -p "${c%,}"
  paths 40 "$R"/etc/cron.d/* | while IFS= read -r f; do file cron "$f" keep_cron; done
  tool cron crontab 3 keep_cron crontab -l
}

host_part
if [ "$P_parts" = all ]; then
  web_part
  docker_part
  commcare_part
  karl_part
  units_part
fi
begin whole -
end ok
