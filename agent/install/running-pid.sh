# Process id of the agent on this data folder. The start time beside it tells a process that was given the same id later.
running_pid() {
  pid=$(sed -n 's/.*"pid":\([0-9][0-9]*\).*/\1/p' "$DATA_DIR/agent.pid" 2> /dev/null)
  [ -n "$pid" ] && [ -r "/proc/$pid/stat" ] || return 1
  started=$(sed -n 's/.*"startedTicks":"\([0-9]*\)".*/\1/p' "$DATA_DIR/agent.pid")
  # what follows the program's name, which may hold blanks: state is the 1st word, the start time the 20th
  # shellcheck disable=SC2046 # words are what is wanted
  set -- $(sed 's/.*) //' "/proc/$pid/stat" 2> /dev/null)
  [ "${1:-Z}" != Z ] || return 1
  [ -z "$started" ] || [ "${20:-}" = "$started" ] || return 1
  printf '%s' "$pid"
}
