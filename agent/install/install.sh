#!/bin/sh
# Installs the Kioskeeper device agent: runtime, program, service; registers this machine; checks that it works.
# Needs only sh, curl or wget, sha256sum and gzip. A second run upgrades. Everything it puts down, `kioskeeper-agent uninstall` removes.
#
# Everything is laid out beside the place where it is to stand, tried there, and only then takes its place. Whatever goes wrong
# before the end is taken back: the machine is as it was, an agent that ran before runs again, and the last line says what to do.
set -eu

# where `su` and lean systems do not look: the programs for accounts
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
# meant for another Node than the one that comes along
unset NODE_OPTIONS

SERVER_URL='@SERVER_URL@'
AGENT_SHA256='@AGENT_SHA256@'
RUNTIME_SHA256_X64='@RUNTIME_SHA256_X64@'
RUNTIME_SHA256_ARM64='@RUNTIME_SHA256_ARM64@'
LIBRARY_SHA256_X64='@LIBRARY_SHA256_X64@'
LIBRARY_SHA256_ARM64='@LIBRARY_SHA256_ARM64@'
PIN='@PIN@'

# How Node is to run the agent: small in memory.
FLAGS='--lite-mode --optimize-for-size --single-threaded --v8-pool-size=0 --max-semi-space-size=1 --max-old-space-size=64'
# Room that the download and what is unpacked of it need, KiB.
ROOM_KIB=245760

say() { printf '%s\n' "$*"; }

# Ends the installation with an exit code ($1) and a reason that is the last line: what to do.
die() {
  code=$1
  shift
  REASON=$*
  exit "$code"
}

usage() {
  say 'Usage: install.sh --token TOKEN [--server URL] [--data-dir DIR] [--app-user USER --app-command COMMAND] [--prefix DIR]'
  say '  --token TOKEN    enrolment token (ket_...); not needed to upgrade an enrolled machine'
  say '  --server URL     another address of the same server'
  say '  --data-dir DIR   data folder (default /var/lib/kioskeeper-agent)'
  say '  --app-user USER  account of the kiosk app; the helper starts and stops it there, in a unit of its own'
  say '  --app-command C  what starts the kiosk app'
  say '  --prefix DIR     install below DIR, without a service and without root: for trials'
  say '  --uninstall      remove the agent from this machine, also one that is only half installed'
}

write_ca() {
  cat > "$1" <<'KIOSKEEPER_CA'
@CA_PEM@
KIOSKEEPER_CA
}

# A text as sed takes it for a replacement.
literal() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }

# Writes the service file on standard input to a file ($1).
put_unit() { sed -e "s|@WRAPPER@|$(literal "$WRAPPER")|" -e "s|@DATA_DIR@|$(literal "$DATA_DIR")|" > "$1"; }

write_units() {
  put_unit "$UNIT_DIR/kioskeeper-agent.service" <<'KIOSKEEPER_UNIT'
@INCLUDE:kioskeeper-agent.service@
KIOSKEEPER_UNIT
  put_unit "$UNIT_DIR/kioskeeper-agent-helper.socket" <<'KIOSKEEPER_UNIT'
@INCLUDE:kioskeeper-agent-helper.socket@
KIOSKEEPER_UNIT
  put_unit "$UNIT_DIR/kioskeeper-agent-helper.service" <<'KIOSKEEPER_UNIT'
@INCLUDE:kioskeeper-agent-helper.service@
KIOSKEEPER_UNIT
}

@INCLUDE:data-folder.sh@

# Prints what removes the agent.
print_uninstaller() {
  unit_dir='' allow_dir=''
  [ -n "$PREFIX" ] || unit_dir=$UNIT_DIR allow_dir=$ALLOW_DIR
  sed -e "s|@HOME_DIR@|$(literal "$HOME_DIR")|" -e "s|@WRAPPER@|$(literal "$WRAPPER")|" -e "s|@DATA_DIR@|$(literal "$DATA_DIR")|" \
    -e "s|@UNIT_DIR@|$unit_dir|" -e "s|@ALLOW_DIR@|$allow_dir|" -e "s|@AGENT_USER@|$AGENT_USER|" <<'KIOSKEEPER_UNINSTALL'
@INCLUDE:uninstall.sh@
KIOSKEEPER_UNINSTALL
}

# The agent's own account, without a login, in the groups that may look at what it watches.
make_user() {
  getent group "$AGENT_USER" > /dev/null 2>&1 || groupadd --system "$AGENT_USER"
  id "$AGENT_USER" > /dev/null 2>&1 ||
    useradd --system --gid "$AGENT_USER" --home-dir "$DATA_DIR" --no-create-home --shell /usr/sbin/nologin "$AGENT_USER"
  for group in video input lp dialout i2c systemd-journal; do
    ! getent group "$group" > /dev/null 2>&1 || usermod -a -G "$group" "$AGENT_USER"
  done
}

# What root allows the helper; written once, then root's to change.
write_allowed() {
  mkdir -p "$ALLOW_DIR"
  chmod 755 "$ALLOW_DIR"
  [ -e "$ALLOW_DIR/units.allow" ] || printf '# Units that the agent may restart, one a line. Units with "kiosk" in their name need no line.\n' > "$ALLOW_DIR/units.allow"
  [ -e "$ALLOW_DIR/cleanup.allow" ] || printf '# Folders besides caches, logs and temporary ones whose old files may go when the disk is full, one a line.\n' > "$ALLOW_DIR/cleanup.allow"
  [ -n "$APP_USER" ] || return 0
  # a quoted text of JSON: only these two characters need an escape in a line
  command=$(printf '%s' "$APP_COMMAND" | sed 's/[\\"]/\\&/g')
  printf '{"user":"%s","command":"%s","environment":{"DISPLAY":":0"}}\n' "$APP_USER" "$command" > "$ALLOW_DIR/app.json"
}

# Downloads URL ($1) to a file ($2). The public key of the server is pinned; what arrives is checked by its SHA-256 as well.
# A line that delivers less than 1 kB/s for 30 s counts as cut.
fetch() {
  if command -v curl > /dev/null 2>&1; then
    set -- "$1" -o "$2" --retry 3 --connect-timeout 15 --speed-limit 1000 --speed-time 30
    if [ -n "$PIN" ]; then
      curl -fsSk --pinnedpubkey "$PIN" "$@"
    elif [ "$HAS_CA" = yes ]; then
      curl -fsS --cacert "$WORK/ca.pem" "$@"
    else
      curl -fsS "$@"
    fi
  elif [ "$HAS_CA" = yes ]; then
    wget -q --tries=3 --timeout=30 --ca-certificate="$WORK/ca.pem" -O "$2" "$1"
  else
    wget -q --tries=3 --timeout=30 -O "$2" "$1"
  fi
}

# Has file $1 the SHA-256 $2?
has_sum() { [ "$(sha256sum "$1" 2> /dev/null | cut -d' ' -f1)" = "$2" ]; }

# Downloads PATH ($1) of the server to a file ($2), which must have the SHA-256 $3. $4: what it is called.
fetch_checked() {
  fetch "$SERVER_URL/download/$1" "$2" ||
    die 1 "the $4 could not be downloaded from $SERVER_URL ($(free_mib "$STAGE") MiB are free in $HOME_DIR). Mend the line, then run the install command again"
  has_sum "$2" "$3" || die 1 "the downloaded $4 is not the one the server announced (SHA-256 differs). Take the install command anew from the console and run it again"
}

# The nearest folder above a path ($1) that is there.
nearest() {
  near=$1
  while [ ! -d "$near" ]; do near=$(dirname "$near"); done
  printf '%s' "$near"
}

free_kib() {
  # shellcheck disable=SC2046 # words are what is wanted
  set -- $(df -Pk "$(nearest "$1")" 2> /dev/null | tail -n 1)
  printf '%s' "${4:-0}"
}
free_mib() { printf '%s' "$(($(free_kib "$1") / 1024))"; }

# Makes a folder ($1) and remembers those above it that were not there, the deepest first.
make_folder() {
  absent=''
  above=$1
  while [ ! -d "$above" ]; do
    absent="$absent$above
"
    above=$(dirname "$above")
  done
  mkdir -p "$1" 2> /dev/null || die 1 "$1 cannot be made: is the disk full or read-only? Mend that, then run the install command again"
  MADE="$absent$MADE"
  # for the next run, should this one be killed
  [ "$LOCKED" = no ] || [ ! -d "$STAGE" ] || printf '%s' "$MADE" > "$STAGE/made-folders"
}

# Lays everything out in $STAGE, beside the place where it is to stand.
lay_out() {
  say "Agent: downloading from $SERVER_URL"
  fetch_checked agent/kioskeeper-agent.mjs "$STAGE/kioskeeper-agent.mjs" "$AGENT_SHA256" agent
  if [ -f "$HOME_DIR/node" ] && has_sum "$HOME_DIR/node" "$RUNTIME_SHA256"; then
    say 'Runtime: unchanged'
    ln "$HOME_DIR/node" "$STAGE/node" 2> /dev/null || cp "$HOME_DIR/node" "$STAGE/node" || die 1 "$(no_room)"
  else
    say "Runtime: downloading (linux-$ARCH)"
    fetch "$SERVER_URL/download/runtime/linux-$ARCH/node.gz" "$STAGE/node.gz" ||
      die 1 "the runtime could not be downloaded from $SERVER_URL ($(free_mib "$STAGE") MiB are free in $HOME_DIR). Mend the line, then run the install command again"
    fault=$(gzip -dc "$STAGE/node.gz" 2>&1 > "$STAGE/node") ||
      die 1 "the runtime could not be unpacked ($(printf '%s\n' "$fault" | sed -n '/[[:alpha:]]/{p;q;}')). $(free_mib "$STAGE") MiB are free in $HOME_DIR; run the install command again when it is mended"
    rm -f "$STAGE/node.gz"
    has_sum "$STAGE/node" "$RUNTIME_SHA256" ||
      die 1 'the downloaded runtime is not the one the server announced (SHA-256 differs). Take the install command anew from the console and run it again'
  fi
  chmod 755 "$STAGE/node"
  mkdir -p "$STAGE/lib"
  # libatomic, which the runtime needs and lean systems do not have
  if [ -n "$LIBRARY_SHA256" ]; then
    fetch_checked "runtime/linux-$ARCH/libatomic.so.1" "$STAGE/lib/libatomic.so.1" "$LIBRARY_SHA256" library
    fetch "$SERVER_URL/download/runtime/LICENCE.txt" "$STAGE/lib/LICENCE.txt" || die 1 "the licence could not be downloaded from $SERVER_URL. Run the install command again"
  fi
  print_uninstaller > "$STAGE/uninstall.sh"
  unit_json=null
  [ "$HAS_SYSTEMD" = no ] || unit_json="\"$UNIT_DIR/kioskeeper-agent.service\""
  printf '{"home":"%s","wrapper":"%s","unit":%s,"dataDir":"%s"}\n' "$HOME_DIR" "$WRAPPER" "$unit_json" "$DATA_DIR" > "$STAGE/installation.json"
}

no_room() { printf '%s' "there is no room: $(free_mib "$HOME_DIR") MiB are free in $HOME_DIR. Make room, then run the install command again"; }

# Runs the agent from where it was laid out.
staged() {
  # shellcheck disable=SC2086 # many flags
  KIOSKEEPER_AGENT_DATA_DIR=$DATA_DIR LD_LIBRARY_PATH=$STAGE/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
    "$STAGE/node" $FLAGS "$STAGE/kioskeeper-agent.mjs" "$@"
}

# Does what was laid out start on this machine? Nothing of the machine has been touched before this.
try_out() {
  code=0
  VERSION=$(staged version 2> "$WORK/fault") || code=$?
  [ "$code" -ne 0 ] || [ -z "$VERSION" ] || return 0
  fault=$(sed -n '/[[:alpha:]]/{p;q;}' "$WORK/fault")
  case $fault in
    *'loading shared libraries'*)
      library=${fault##*libraries: }
      library=${library%%:*}
      case $library in
        libatomic*) package=libatomic1 ;;
        libstdc++*) package=libstdc++6 ;;
        libgcc_s*) package=libgcc-s1 ;;
        *) package="the package with $library" ;;
      esac
      die 1 "the runtime needs $library, which this machine lacks. Run: apt-get install $package; then run the install command again"
      ;;
    *GLIBC*) die 1 "this system's C library is too old for the runtime ($fault). Use Debian 10, Ubuntu 20.04 or newer" ;;
  esac
  # the shell's words for a program that may not run, and for one whose loader is not there
  case $code in
    126) die 1 "programs cannot run in $HOME_DIR: is it mounted noexec? Mount it without noexec, then run the install command again" ;;
    127) die 1 "this system's programs are not 64-bit ones with the C library of GNU, though its kernel is $(uname -m). The agent needs a 64-bit Debian or Ubuntu" ;;
  esac
  die 1 "the runtime does not start on this machine: ${fault:-no reason was given}"
}

@INCLUDE:running-pid.sh@

# Stops a running agent; it tells the server that an update is the reason.
stop_agent() {
  pid=$(running_pid || true)
  [ -n "$pid" ] || return 0
  printf '{"reason":"update","expectedBackAt":null,"at":%s000}' "$(date +%s)" > "$DATA_DIR/stop-note.json"
  WAS_RUNNING=yes
  if [ "$HAS_SYSTEMD" = yes ] && [ -f "$UNIT_DIR/kioskeeper-agent.service" ]; then
    systemctl stop kioskeeper-agent.service
  else
    kill "$pid" 2> /dev/null || true
  fi
  waited=0
  while running_pid > /dev/null; do
    waited=$((waited + 1))
    [ "$waited" -le 100 ] || die 1 "the running agent (process $pid) does not stop. Stop it, then run the install command again"
    sleep 0.1
  done
}

start_agent() {
  if [ "$HAS_SYSTEMD" = yes ]; then
    make_user
    write_allowed
    write_units
    systemctl daemon-reload
    systemctl enable -q --now kioskeeper-agent-helper.socket
    systemctl enable -q kioskeeper-agent.service
    systemctl restart kioskeeper-agent.service || die 1 'the service does not start: systemctl status kioskeeper-agent says why. Run the install command again when it is mended'
    say 'Service: kioskeeper-agent.service is enabled and running'
    return
  fi
  start_in_background
  say "Service: there is no systemd here, so the agent runs in the background (log: $DATA_DIR/agent.log)."
  say "         It does not come back after a restart by itself: have \"$WRAPPER run\" started at boot."
}

start_in_background() {
  if command -v setsid > /dev/null 2>&1; then
    setsid nohup "$WRAPPER" run >> "$DATA_DIR/agent.log" 2>&1 < /dev/null &
  else
    nohup "$WRAPPER" run >> "$DATA_DIR/agent.log" 2>&1 < /dev/null &
  fi
}

# Waits until the agent holds its data folder: the self-test then looks at it and does not log in beside it.
wait_started() {
  waited=0
  while ! running_pid > /dev/null; do
    waited=$((waited + 1))
    [ "$waited" -le 100 ] || return 0
    sleep 0.1
  done
}

write_wrapper() {
  cat > "$WRAPPER.new" <<KIOSKEEPER_WRAPPER
#!/bin/sh
if [ "\${1:-}" = uninstall ]; then
  shift
  exec sh "$HOME_DIR/uninstall.sh" "\$@"
fi
: "\${KIOSKEEPER_AGENT_DATA_DIR:=$DATA_DIR}"
: "\${UV_THREADPOOL_SIZE:=2}"
: "\${MALLOC_ARENA_MAX:=2}"
LD_LIBRARY_PATH="$HOME_DIR/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export KIOSKEEPER_AGENT_DATA_DIR UV_THREADPOOL_SIZE MALLOC_ARENA_MAX LD_LIBRARY_PATH
unset NODE_OPTIONS
exec "$HOME_DIR/node" $FLAGS "$HOME_DIR/kioskeeper-agent.mjs" "\$@"
KIOSKEEPER_WRAPPER
  chmod 755 "$WRAPPER.new"
  mv -f "$WRAPPER.new" "$WRAPPER"
}

# What was laid out and tried takes its place; what stood there is kept until the end.
take_place() {
  STEP='putting the agent in its place'
  [ ! -f "$WRAPPER" ] || cp -p "$WRAPPER" "$WORK/wrapper"
  for name in kioskeeper-agent.service kioskeeper-agent-helper.socket kioskeeper-agent-helper.service; do
    [ ! -f "$UNIT_DIR/$name" ] || [ -n "$PREFIX" ] || cp -p "$UNIT_DIR/$name" "$WORK/$name"
  done
  make_folder "$(dirname "$WRAPPER")"
  # what this installer had to make, with what an earlier one made: the uninstaller takes it away again
  { printf '%s\n' "$MADE" && cat "$HOME_DIR/made-folders" 2> /dev/null; } > "$STAGE/made-folders" || true
  REPLACED=yes
  [ ! -d "$HOME_DIR" ] || mv "$HOME_DIR" "$HOME_DIR.old"
  mv "$STAGE" "$HOME_DIR"
  write_wrapper
}

# Puts a file ($1), if it was kept, back to its place ($2), also where the disk is full: what stands there stays until then.
put_back() {
  [ ! -f "$1" ] || { cp -p "$1" "$2.new" && mv -f "$2.new" "$2"; } || rm -f "$2.new"
}

# Takes back what this run did.
roll_back() {
  [ "$LOCKED" = yes ] || STAGE='' WRAPPER='' # they are another run's
  if [ "$REPLACED" = yes ] && [ ! -d "$HOME_DIR.old" ]; then
    keep=''
    [ "$DATA_MADE" = yes ] || keep=--keep-data
    sh "$HOME_DIR/uninstall.sh" --quiet $keep > /dev/null 2>&1 || true
  elif [ "$REPLACED" = yes ]; then
    rm -rf "$HOME_DIR"
    mv "$HOME_DIR.old" "$HOME_DIR"
    put_back "$WORK/wrapper" "$WRAPPER"
    for name in kioskeeper-agent.service kioskeeper-agent-helper.socket kioskeeper-agent-helper.service; do
      put_back "$WORK/$name" "$UNIT_DIR/$name"
    done
  elif [ "$DATA_MADE" = yes ]; then
    rm -rf "$DATA_DIR"
  fi
  rm -rf "$STAGE" "$WORK"
  [ -z "$WRAPPER" ] || rm -f "$WRAPPER.new"
  printf '%s\n' "$MADE" | while IFS= read -r folder; do
    [ -z "$folder" ] || rmdir "$folder" 2> /dev/null || true
  done
  [ "$WAS_RUNNING" = yes ] || return 0
  rm -f "$DATA_DIR/stop-note.json"
  if [ "$HAS_SYSTEMD" = yes ]; then
    systemctl daemon-reload
    systemctl restart kioskeeper-agent.service
  else
    start_in_background
  fi
}

# Whatever ends this program comes through here.
finish() {
  code=$?
  trap - EXIT
  trap '' INT TERM HUP PIPE
  if [ "$DONE" != yes ]; then
    set +e
    roll_back
    [ "$code" -ne 0 ] || code=1
    [ -n "$REASON" ] || REASON="it ended while $STEP; $(free_mib "$HOME_DIR") MiB are free in $HOME_DIR. Run the install command again"
    printf 'kioskeeper-agent install: nothing was changed on this machine: %s\n' "$REASON" >&2
  elif [ -n "$REASON" ]; then
    printf 'kioskeeper-agent install: %s\n' "$REASON" >&2
  fi
  rm -rf "$WORK"
  exit "$code"
}

is_enrolled() { staged status --json 2> /dev/null | grep -Eq "\"enrolment\":\"($1)\""; }

enrol() {
  if [ -z "$TOKEN" ]; then
    say 'Enrolment: unchanged'
    return 0
  fi
  set -- enrol --server "$SERVER_URL" --token "$TOKEN"
  [ "$HAS_CA" = no ] || set -- "$@" --ca-file "$WORK/ca.pem"
  code=0
  staged "$@" || code=$?
  case $code in
    0) return 0 ;;
    3)
      say 'Enrolment: this machine waits for a free place. The agent is installed anyway and enters by itself when a place is freed.'
      return 3
      ;;
  esac
  if is_enrolled 'active|additional'; then
    say 'Enrolment: the earlier enrolment of this machine stays in use.'
    return 0
  fi
  [ "$code" -ne 4 ] || die 4 'the server refused the token; make a new one in the console and run the install command again'
  die "$code" 'the machine could not be enrolled; the reason is above. Run the install command again when it is mended'
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --token | --server | --data-dir | --prefix | --app-user | --app-command)
        [ $# -ge 2 ] || die 2 "$1 needs a value"
        case $1 in
          --token) TOKEN=$2 ;;
          --server) SERVER_URL=$2 ;;
          --data-dir) DATA_DIR=$2 ;;
          --prefix) PREFIX=$2 ;;
          --app-user) APP_USER=$2 ;;
          --app-command) APP_COMMAND=$2 ;;
        esac
        shift 2
        ;;
      --uninstall)
        UNINSTALL=yes
        shift
        ;;
      --help | -h)
        usage
        DONE=yes
        exit 0
        ;;
      *)
        usage >&2
        die 2 "unknown option $1"
        ;;
    esac
  done
  SERVER_URL=${SERVER_URL%/}
}

# Is everything here that the installation needs? Touches nothing.
check_machine() {
  [ -z "$APP_USER" ] || [ -n "$APP_COMMAND" ] || die 2 '--app-user needs --app-command: what starts the kiosk app'
  [ -z "$APP_COMMAND" ] || [ -n "$APP_USER" ] || die 2 '--app-command needs --app-user: the account it runs in'
  [ -z "$APP_USER" ] || id "$APP_USER" > /dev/null 2>&1 || die 2 "there is no user $APP_USER"
  [ "$(uname -s)" = Linux ] || die 1 'this installer is for Linux'
  for tool in sha256sum gzip sed grep uname df; do
    command -v "$tool" > /dev/null 2>&1 || die 1 "$tool is not there. Install it, then run the install command again"
  done
  # busybox has a wget too, which fails at TLS
  command -v curl > /dev/null 2>&1 || wget --version 2> /dev/null | grep -q GNU || die 1 'neither curl nor the wget of GNU is there. Run: apt-get install curl; then run the install command again'
  case "$(uname -m)" in
    x86_64 | amd64) ARCH=x64 RUNTIME_SHA256=$RUNTIME_SHA256_X64 LIBRARY_SHA256=$LIBRARY_SHA256_X64 ;;
    aarch64 | arm64) ARCH=arm64 RUNTIME_SHA256=$RUNTIME_SHA256_ARM64 LIBRARY_SHA256=$LIBRARY_SHA256_ARM64 ;;
    *) die 1 "this machine is a $(uname -m): the agent runs on 64-bit x86 and ARM only" ;;
  esac
  [ -n "$RUNTIME_SHA256" ] || die 1 "the server has no runtime for $ARCH. Run npm ci --include=optional on a server of that kind, or ask who runs it"
  [ -n "$PREFIX" ] || [ "$(id -u)" -eq 0 ] || die 1 'root is needed: run it with sudo (or use --prefix DIR for a trial)'
  [ -z "$INSTALLED_DATA" ] || [ "$INSTALLED_DATA" = "$DATA_DIR" ] ||
    die 2 "the agent of this machine has its data in $INSTALLED_DATA. Leave --data-dir out, or uninstall it first"
  # the folder becomes the agent's own, with all that is in it
  [ -f "$DATA_DIR/agent.json" ] || [ -z "$(foreign_files)" ] || die 2 "$DATA_DIR holds files of others ($(foreign_files | head -n 1)). Name an empty folder or one that is not there"
}

# One installation at a time; the lock is the folder above, so that nothing is left of it.
lock() {
  make_folder "$(dirname "$HOME_DIR")"
  exec 9< "$(dirname "$HOME_DIR")"
  ! command -v flock > /dev/null 2>&1 || flock -n 9 || die 1 'another installation is under way on this machine. Wait until it has ended, then run the install command again'
  LOCKED=yes
}

# Where things are to stand.
set_places() {
  case $PREFIX in '' | /*) ;; *) PREFIX=$(pwd)/$PREFIX ;; esac
  HOME_DIR=$PREFIX/opt/kioskeeper-agent
  # an agent that is here keeps its data where it has them
  INSTALLED_DATA=''
  for folder in "$HOME_DIR.old" "$HOME_DIR"; do
    [ ! -f "$folder/installation.json" ] || INSTALLED_DATA=$(sed -n 's/.*"dataDir":"\([^"]*\)".*/\1/p' "$folder/installation.json")
  done
  DATA_DIR=${DATA_DIR:-${INSTALLED_DATA:-$PREFIX/var/lib/kioskeeper-agent}}
  case $DATA_DIR in /*) ;; *) DATA_DIR=$(pwd)/$DATA_DIR ;; esac
  case $DATA_DIR in ?*/) DATA_DIR=${DATA_DIR%/} ;; esac
  # these names go into scripts, service files and search paths
  case $HOME_DIR$DATA_DIR in
    *[\'\"\\\$\`%:]* | *[[:cntrl:]]*) die 2 "a folder's name must not have quotes, backslashes, \$, %, : or line ends in it: $HOME_DIR, $DATA_DIR" ;;
  esac
  STAGE=$HOME_DIR.new
  WRAPPER=$PREFIX/usr/local/bin/kioskeeper-agent
  AGENT_USER=kioskeeper-agent
  UNIT_DIR=/etc/systemd/system
  ALLOW_DIR=/etc/kioskeeper-agent
  if [ -z "$PREFIX" ] && [ -d /run/systemd/system ] && command -v systemctl > /dev/null 2>&1 && systemctl show-environment > /dev/null 2>&1; then
    HAS_SYSTEMD=yes
  fi
}

# Takes away what a power cut left of an earlier run; the program it was about to replace goes back to its place.
clear_remains() {
  [ -d "$HOME_DIR" ] || [ ! -d "$HOME_DIR.old" ] || mv "$HOME_DIR.old" "$HOME_DIR"
  # folders that an earlier run made are still ours to remove
  MADE="$MADE$(cat "$STAGE/made-folders" 2> /dev/null || true)"
  rm -rf "$STAGE" "$HOME_DIR.old" "$HOME_DIR.work"
}

# Everything that changes this machine.
carry_out() {
  clear_remains
  [ -f "$HOME_DIR/node" ] || [ "$(free_kib "$HOME_DIR")" -ge "$ROOM_KIB" ] || die 1 "$((ROOM_KIB / 1024)) MiB are needed: $(no_room)"
  STEP='downloading'
  make_folder "$STAGE"
  WORK=$HOME_DIR.work
  mkdir "$WORK"
  write_ca "$WORK/ca.pem"
  HAS_CA=no
  ! grep -q 'BEGIN CERTIFICATE' "$WORK/ca.pem" || HAS_CA=yes
  lay_out
  STEP='trying the agent'
  try_out
  [ -n "$TOKEN" ] || is_enrolled 'active|additional|waiting' || die 2 'this machine is not enrolled. Give the enrolment token: --token ket_...'

  STEP='stopping the running agent'
  stop_agent
  STEP='enrolling'
  [ -d "$DATA_DIR" ] || DATA_MADE=yes
  make_folder "$DATA_DIR"
  chmod 700 "$DATA_DIR"
  outcome=0
  enrol || outcome=$?
  take_place
  say "Agent: version $VERSION is in $HOME_DIR"
  STEP='starting the agent'
  start_agent
  rm -rf "$HOME_DIR.old"
  DONE=yes
  # a power cut right after the last line must find everything on the disk
  sync
  wait_started
  say 'Self-test:'
  doctor=0
  "$WRAPPER" doctor || doctor=$?
  if [ "$outcome" -eq 3 ]; then
    say 'Installed. The device waits for a free place in the plan.'
    exit 3
  fi
  [ "$doctor" -eq 0 ] || die 1 'installed and running, but the self-test failed: mend what the FAIL lines above name, then run kioskeeper-agent doctor'
  say 'Installed. The agent is running.'
}

main() {
  TOKEN='' PREFIX='' DATA_DIR='' APP_USER='' APP_COMMAND='' UNINSTALL=no
  REASON='' STEP='looking at this machine' DONE=no MADE='' DATA_MADE=no REPLACED=no WAS_RUNNING=no HAS_SYSTEMD=no LOCKED=no
  STAGE='' WRAPPER='' WORK='' HOME_DIR=/
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # whoever read what is said is gone: a line that was cut
  trap 'exit 141' PIPE
  umask 022
  read_options "$@"
  set_places
  if [ "$UNINSTALL" = yes ]; then
    DONE=yes
    print_uninstaller | sh
    exit
  fi
  check_machine
  [ -n "$TOKEN" ] || [ -f "$DATA_DIR/agent.json" ] || die 2 'this machine is not enrolled. Give the enrolment token: --token ket_...'

  lock
  # nothing that is started from here holds the lock on, should this be killed
  carry_out 9>&-
}

main "$@"
