#!/bin/sh
# Removes the Kioskeeper device agent from this machine: services, program, runtime, data. Also what a broken installation left.
# Needs no runtime, so that it works where the agent itself cannot start. The installer fills in where things are.
set -u

HOME_DIR='@HOME_DIR@'
WRAPPER='@WRAPPER@'
DATA_DIR='@DATA_DIR@'
# empty for a trial below a prefix: then no services, no account
UNIT_DIR='@UNIT_DIR@'
ALLOW_DIR='@ALLOW_DIR@'
AGENT_USER='@AGENT_USER@'
# where `su` and lean systems do not look: the programs for accounts
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

@INCLUDE:data-folder.sh@

say() { printf '%s\n' "$*"; }
complain() {
  printf 'kioskeeper-agent uninstall: %s\n' "$*" >&2
  faults=$((faults + 1))
}

remove_services() {
  [ -n "$UNIT_DIR" ] || return 0
  found=no
  for name in kioskeeper-agent.service kioskeeper-agent-helper.socket kioskeeper-agent-helper.service; do
    [ -f "$UNIT_DIR/$name" ] || continue
    found=yes
    systemctl disable --now "$name" > /dev/null 2>&1 || complain "$name could not be stopped"
    rm -f "$UNIT_DIR/$name"
  done
  [ "$found" = yes ] || return 0
  systemctl daemon-reload > /dev/null 2>&1 || true
  say "Removed the service $UNIT_DIR/kioskeeper-agent.service and its helper"
}

@INCLUDE:running-pid.sh@

stop_agent() {
  pid=$(running_pid) || return 0
  kill "$pid" 2> /dev/null
  waited=0
  while running_pid > /dev/null; do
    waited=$((waited + 1))
    [ "$waited" -ne 80 ] || kill -9 "$pid" 2> /dev/null
    [ "$waited" -le 100 ] || {
      complain "the running agent (process $pid) could not be stopped. Stop it, then run this again"
      exit 1
    }
    sleep 0.1
  done
}

remove_data() {
  [ -d "$DATA_DIR" ] || return 0
  # shellcheck disable=SC2012 # names of our own
  ls -A "$DATA_DIR" | while IFS= read -r name; do
    ! is_own "$name" || rm -rf "${DATA_DIR:?}/$name"
  done
  if [ ! -L "$DATA_DIR" ] && rmdir "$DATA_DIR" 2> /dev/null; then
    say "Removed the data folder $DATA_DIR"
    return
  fi
  foreign=$(foreign_files | head -n 5 | tr '\n' ' ')
  if [ -n "$foreign" ]; then
    complain "$DATA_DIR stays, it holds other files: $foreign"
  else
    say "Emptied the data folder $DATA_DIR, which is a link or a disk of its own and stays"
  fi
}

remove_program() {
  made=$(cat "$HOME_DIR/made-folders" 2> /dev/null)
  found=no
  [ ! -e "$HOME_DIR" ] || found=yes
  rm -f "$WRAPPER" "$WRAPPER.new"
  rm -rf "$HOME_DIR" "$HOME_DIR.new" "$HOME_DIR.old" "$HOME_DIR.work"
  [ "$found" = no ] || say "Removed the program $HOME_DIR and $WRAPPER"
  # folders that the installer had to make, the deepest first; one that holds something else by now stays
  printf '%s\n' "$made" | while IFS= read -r folder; do
    [ -z "$folder" ] || rmdir "$folder" 2> /dev/null || true
  done
}

# What only the service has: the helper's files and the agent's account.
remove_account() {
  [ -n "$UNIT_DIR" ] || return 0
  rm -rf "$ALLOW_DIR" /var/lib/kioskeeper-agent-helper /run/kioskeeper-agent
  ! id "$AGENT_USER" > /dev/null 2>&1 || userdel "$AGENT_USER" > /dev/null 2>&1 || complain "the account $AGENT_USER stays"
  ! getent group "$AGENT_USER" > /dev/null 2>&1 || groupdel "$AGENT_USER" > /dev/null 2>&1 || complain "the group $AGENT_USER stays"
}

main() {
  faults=0
  keep_data=no
  quiet=no
  while [ $# -gt 0 ]; do
    case $1 in
      --data-dir)
        [ $# -ge 2 ] || {
          complain '--data-dir needs a value'
          exit 2
        }
        DATA_DIR=$2
        shift
        ;;
      --keep-data) keep_data=yes ;;
      --quiet) quiet=yes ;;
      --help | -h)
        say 'Usage: kioskeeper-agent uninstall [--data-dir DIR] [--keep-data]'
        say 'Removes service, program, runtime and data. The server is not told: retire the device in the console.'
        exit 0
        ;;
      *)
        complain "unknown option $1"
        exit 2
        ;;
    esac
    shift
  done
  [ "$quiet" = no ] || exec > /dev/null
  [ -z "$UNIT_DIR" ] || [ "$(id -u)" -eq 0 ] || {
    complain 'root is needed: run it with sudo'
    exit 1
  }
  cd /
  # what it began it ends, whoever still listens
  trap '' INT TERM HUP PIPE
  remove_services
  stop_agent
  [ "$keep_data" = yes ] || remove_data
  remove_program
  remove_account
  [ "$faults" -eq 0 ] || exit 1
  say 'The agent is gone from this machine. Retire the device in the console to free its place.'
}

main "$@"
exit
