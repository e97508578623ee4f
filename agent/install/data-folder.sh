# What the agent writes into its data folder. The same list stands in uninstall-command.ts.
OWN_FILES='agent.json agent.json.bak agent.json.[0-9]* agent.pid agent.pid.[0-9]* spool.db* run.json inventory.json stop-note.json agent.log drives.json* remedies.json remedies.json.[0-9]* kiosk-app.json kiosk-app.log recorder'

is_own() (
  set -f
  for pattern in $OWN_FILES; do
    # shellcheck disable=SC2254 # a pattern is meant
    case $1 in $pattern) return 0 ;; esac
  done
  return 1
)

# Names in the data folder that are not the agent's, one a line. What the file system itself puts down does not count.
foreign_files() {
  # shellcheck disable=SC2012 # one name a line is enough to tell
  ls -A "$DATA_DIR" 2> /dev/null | while IFS= read -r name; do
    [ "$name" = lost+found ] || is_own "$name" || printf '%s\n' "$name"
  done
}
