#!/bin/sh
# Installs the Kioskeeper device agent: runtime, program, service; registers this machine; checks that it works.
# Needs only sh, curl or wget, sha256sum and gzip. A second run upgrades. Everything it puts down, `kioskeeper-agent uninstall` removes.
set -eu

SERVER_URL='@SERVER_URL@'
AGENT_SHA256='@AGENT_SHA256@'
RUNTIME_SHA256_X64='@RUNTIME_SHA256_X64@'
RUNTIME_SHA256_ARM64='@RUNTIME_SHA256_ARM64@'
PIN='@PIN@'

say() { printf '%s\n' "$*"; }
die() {
  code=$1
  shift
  printf 'kioskeeper-agent install: %s\n' "$*" >&2
  exit "$code"
}

usage() {
  say 'Usage: install.sh --token TOKEN [--server URL] [--data-dir DIR] [--prefix DIR]'
  say '  --token TOKEN    enrolment token (ket_...); not needed to upgrade an enrolled machine'
  say '  --server URL     another address of the same server'
  say '  --data-dir DIR   data folder (default /var/lib/kioskeeper-agent)'
  say '  --prefix DIR     install below DIR, without a service and without root: for trials'
}

write_ca() {
  cat > "$1" <<'KIOSKEEPER_CA'
@CA_PEM@
KIOSKEEPER_CA
}

write_unit() {
  sed "s|@WRAPPER@|$WRAPPER|" > "$1" <<'KIOSKEEPER_UNIT'
[Unit]
Description=Kioskeeper device agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=@WRAPPER@ run
Restart=always
RestartSec=5
# The kiosk app it started lives on when the agent stops or is updated; the next agent finds it again.
KillMode=process
TimeoutStopSec=10
# Root: the agent sees every process (also where /proc hides them), reads drive and board sensors, and its remedies
# restart units, reset USB ports and reboot. What it never needs is taken away below.
User=root
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SETUID CAP_SETGID CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE CAP_SYS_RAWIO CAP_SYS_TIME CAP_NET_ADMIN CAP_SYSLOG
ProtectSystem=full
ProtectKernelModules=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
OOMScoreAdjust=-200
Environment=UV_THREADPOOL_SIZE=2 MALLOC_ARENA_MAX=2

[Install]
WantedBy=multi-user.target
KIOSKEEPER_UNIT
}

# Downloads URL ($1) to a file ($2). The public key of the server is pinned; what arrives is checked by its SHA-256 as well.
fetch() {
  if command -v curl > /dev/null 2>&1; then
    if [ -n "$PIN" ]; then
      curl -fsSk --pinnedpubkey "$PIN" --retry 3 --connect-timeout 15 -o "$2" "$1"
    elif [ "$HAS_CA" = yes ]; then
      curl -fsS --cacert "$WORK/ca.pem" --retry 3 --connect-timeout 15 -o "$2" "$1"
    else
      curl -fsS --retry 3 --connect-timeout 15 -o "$2" "$1"
    fi
  elif command -v wget > /dev/null 2>&1; then
    if [ "$HAS_CA" = yes ]; then
      wget -q --ca-certificate="$WORK/ca.pem" -O "$2" "$1"
    else
      wget -q -O "$2" "$1"
    fi
  else
    die 1 'neither curl nor wget is there'
  fi
}

# Has file $1 the SHA-256 $2?
has_sum() { [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

install_runtime() {
  case "$(uname -m)" in
    x86_64 | amd64) arch=x64 wanted=$RUNTIME_SHA256_X64 ;;
    aarch64 | arm64) arch=arm64 wanted=$RUNTIME_SHA256_ARM64 ;;
    *) die 1 "this machine is a $(uname -m): the agent runs on 64-bit x86 and ARM only" ;;
  esac
  [ -n "$wanted" ] || die 1 "the server has no runtime for $arch"
  if [ -x "$HOME_DIR/node" ] && [ "$(cat "$HOME_DIR/node.sha256" 2> /dev/null || true)" = "$wanted" ]; then
    say "Runtime: unchanged"
    return
  fi
  say "Runtime: downloading (linux-$arch)"
  fetch "$SERVER_URL/download/runtime/linux-$arch/node.gz" "$WORK/node.gz" || die 1 "the runtime could not be downloaded from $SERVER_URL"
  gzip -dc "$WORK/node.gz" > "$WORK/node" || die 1 'the downloaded runtime is broken'
  has_sum "$WORK/node.gz" "$wanted" || has_sum "$WORK/node" "$wanted" || die 1 'the downloaded runtime is not the one the server announced (SHA-256 differs)'
  chmod 755 "$WORK/node"
  cp "$WORK/node" "$HOME_DIR/node.new"
  mv -f "$HOME_DIR/node.new" "$HOME_DIR/node"
  printf '%s' "$wanted" > "$HOME_DIR/node.sha256"
}

running_pid() {
  pid=$(sed -n 's/.*"pid":\([0-9][0-9]*\).*/\1/p' "$DATA_DIR/agent.pid" 2> /dev/null || true)
  [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null && printf '%s' "$pid"
}

# Stops a running agent; it tells the server that an update is the reason.
stop_agent() {
  pid=$(running_pid || true)
  [ -n "$pid" ] || return 0
  printf '{"reason":"update","expectedBackAt":null,"at":%s000}' "$(date +%s)" > "$DATA_DIR/stop-note.json"
  if [ "$HAS_SYSTEMD" = yes ] && [ -f "$UNIT" ]; then
    systemctl stop kioskeeper-agent.service
  else
    kill "$pid" 2> /dev/null || true
  fi
  waited=0
  while kill -0 "$pid" 2> /dev/null; do
    waited=$((waited + 1))
    [ "$waited" -le 100 ] || die 1 "the running agent (process $pid) does not stop"
    sleep 0.1
  done
}

start_agent() {
  if [ "$HAS_SYSTEMD" = yes ]; then
    write_unit "$UNIT"
    systemctl daemon-reload
    systemctl enable -q kioskeeper-agent.service
    systemctl restart kioskeeper-agent.service
    say 'Service: kioskeeper-agent.service is enabled and running'
    return
  fi
  if command -v setsid > /dev/null 2>&1; then
    setsid nohup "$WRAPPER" run >> "$DATA_DIR/agent.log" 2>&1 < /dev/null &
  else
    nohup "$WRAPPER" run >> "$DATA_DIR/agent.log" 2>&1 < /dev/null &
  fi
  say "Service: there is no systemd here, so the agent runs in the background (log: $DATA_DIR/agent.log)."
  say "         It does not come back after a restart by itself: have \"$WRAPPER run\" started at boot."
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
: "\${KIOSKEEPER_AGENT_DATA_DIR:=$DATA_DIR}"
: "\${UV_THREADPOOL_SIZE:=2}"
: "\${MALLOC_ARENA_MAX:=2}"
export KIOSKEEPER_AGENT_DATA_DIR UV_THREADPOOL_SIZE MALLOC_ARENA_MAX
exec "$HOME_DIR/node" --lite-mode --optimize-for-size --single-threaded --v8-pool-size=0 --max-semi-space-size=1 --max-old-space-size=64 "$HOME_DIR/kioskeeper-agent.mjs" "\$@"
KIOSKEEPER_WRAPPER
  chmod 755 "$WRAPPER.new"
  mv -f "$WRAPPER.new" "$WRAPPER"
}

enrol() {
  if [ -z "$TOKEN" ]; then
    "$WRAPPER" status --json 2> /dev/null | grep -Eq '"enrolment":"(active|additional|waiting)"' || die 2 'give the enrolment token: --token ket_...'
    say 'Enrolment: unchanged'
    return 0
  fi
  set -- enrol --server "$SERVER_URL" --token "$TOKEN"
  [ "$HAS_CA" = no ] || set -- "$@" --ca-file "$WORK/ca.pem"
  code=0
  "$WRAPPER" "$@" || code=$?
  case $code in
    0) return 0 ;;
    3)
      say 'Enrolment: this machine waits for a free place. The agent is installed anyway and enters by itself when a place is freed.'
      return 3
      ;;
  esac
  if "$WRAPPER" status --json 2> /dev/null | grep -Eq '"enrolment":"(active|additional)"'; then
    say 'Enrolment: the earlier enrolment of this machine stays in use.'
    return 0
  fi
  [ "$code" -ne 4 ] || die 4 'the server refused the token; make a new one in the console and run the install command again'
  die "$code" 'the machine could not be enrolled; the reason is above. Run the install command again when it is mended'
}

main() {
  TOKEN='' PREFIX='' DATA_DIR=''
  while [ $# -gt 0 ]; do
    case $1 in
      --token | --server | --data-dir | --prefix)
        [ $# -ge 2 ] || die 2 "$1 needs a value"
        case $1 in
          --token) TOKEN=$2 ;;
          --server) SERVER_URL=$2 ;;
          --data-dir) DATA_DIR=$2 ;;
          --prefix) PREFIX=$2 ;;
        esac
        shift 2
        ;;
      --help | -h) usage && exit 0 ;;
      *) usage >&2 && die 2 "unknown option $1" ;;
    esac
  done
  SERVER_URL=${SERVER_URL%/}
  for tool in sha256sum gzip sed grep uname; do
    command -v "$tool" > /dev/null 2>&1 || die 1 "$tool is not there"
  done
  [ "$(uname -s)" = Linux ] || die 1 'this installer is for Linux'
  if [ -n "$PREFIX" ]; then
    mkdir -p "$PREFIX"
    PREFIX=$(cd "$PREFIX" && pwd)
  elif [ "$(id -u)" -ne 0 ]; then
    die 1 'root is needed: run it with sudo (or use --prefix DIR for a trial)'
  fi
  DATA_DIR=${DATA_DIR:-$PREFIX/var/lib/kioskeeper-agent}
  HOME_DIR=$PREFIX/opt/kioskeeper-agent
  WRAPPER=$PREFIX/usr/local/bin/kioskeeper-agent
  UNIT=/etc/systemd/system/kioskeeper-agent.service
  HAS_SYSTEMD=no
  if [ -z "$PREFIX" ] && [ -d /run/systemd/system ] && command -v systemctl > /dev/null 2>&1 && systemctl show-environment > /dev/null 2>&1; then
    HAS_SYSTEMD=yes
  fi

  umask 022
  mkdir -p "$HOME_DIR" "$(dirname "$WRAPPER")" "$DATA_DIR"
  DATA_DIR=$(cd "$DATA_DIR" && pwd)
  chmod 700 "$DATA_DIR"
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  trap 'exit 130' INT TERM
  write_ca "$WORK/ca.pem"
  HAS_CA=no
  ! grep -q 'BEGIN CERTIFICATE' "$WORK/ca.pem" || HAS_CA=yes

  say "Agent: downloading from $SERVER_URL"
  fetch "$SERVER_URL/download/agent/kioskeeper-agent.mjs" "$WORK/kioskeeper-agent.mjs" || die 1 "the agent could not be downloaded from $SERVER_URL"
  has_sum "$WORK/kioskeeper-agent.mjs" "$AGENT_SHA256" || die 1 'the downloaded agent is not the one the server announced (SHA-256 differs)'
  install_runtime
  stop_agent
  cp "$WORK/kioskeeper-agent.mjs" "$HOME_DIR/kioskeeper-agent.mjs.new"
  mv -f "$HOME_DIR/kioskeeper-agent.mjs.new" "$HOME_DIR/kioskeeper-agent.mjs"
  write_wrapper
  unit_json=null
  [ "$HAS_SYSTEMD" = no ] || unit_json="\"$UNIT\""
  printf '{"home":"%s","wrapper":"%s","unit":%s,"dataDir":"%s"}\n' "$HOME_DIR" "$WRAPPER" "$unit_json" "$DATA_DIR" > "$HOME_DIR/installation.json"
  say "Agent: version $("$WRAPPER" version) is in $HOME_DIR"

  outcome=0
  enrol || outcome=$?
  start_agent
  wait_started
  say 'Self-test:'
  doctor=0
  "$WRAPPER" doctor || doctor=$?
  if [ "$outcome" -eq 3 ]; then
    say 'Installed. The device waits for a free place in the plan.'
    exit 3
  fi
  [ "$doctor" -eq 0 ] || die 1 'installed, but the self-test failed: see the FAIL lines above'
  say 'Installed. The agent is running.'
}

main "$@"
