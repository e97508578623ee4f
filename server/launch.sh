#!/bin/sh
# Starts a program of this project on the project's own Node and becomes it: `sh server/launch.sh PROGRAM [ARGUMENTS]`.
#
# Every script of package.json goes through here, because what `node` means to npm differs: npm 11 links the runtime of the
# platform packages as node_modules/.bin/node, npm 9 and 10 do not, and the system's Node is too old to run the sources.
# A shell script, not a JavaScript file: only a shell can become another program on every Node (`exec`), so that signals, exit
# codes and process ids are the program's own.
set -eu

# The oldest major version of Node that runs the sources; used only where the project's own runtime does not start.
LEAST_MAJOR=26

# with CDPATH `cd` may go elsewhere, and says where
root=$(CDPATH='' cd -- "$(dirname "$0")/.." && pwd)

complain() { printf 'Kioskeeper cannot start: %s\n' "$*" >&2; }

platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-amd64) printf linux-x64 ;;
    Linux-aarch64 | Linux-arm64) printf linux-arm64 ;;
    *) printf '%s-%s' "$(uname -s)" "$(uname -m)" ;;
  esac
}

# Becomes the program: whatever it starts finds the same Node first, by its name and in `#!/usr/bin/env node`.
become() {
  runtime=$1
  shift
  PATH=$(dirname "$runtime"):$root/node_modules/.bin:$PATH
  export PATH
  exec "$runtime" "$@"
}

# A Node of this machine that is new enough to run the sources; nothing when there is none.
system_node() {
  IFS=:
  # npm puts its own folders of programs first; what they call node is the runtime that was tried already
  for folder in $PATH; do
    case $folder in */node_modules/.bin | */node-gyp-bin) continue ;; esac
    [ -x "$folder/node" ] || continue
    major=$("$folder/node" -p 'process.versions.node.split(".")[0]' 2> /dev/null || true)
    case $major in '' | *[!0-9]*) continue ;; esac
    [ "$major" -lt "$LEAST_MAJOR" ] || {
      printf '%s' "$folder/node"
      return
    }
  done
}

[ $# -ge 1 ] || {
  complain 'name the program to start'
  exit 2
}

own=$root/node_modules/node-$(platform)/bin/node
# npm leaves out what wants a newer Node than the one it runs on, without a word, although it is not that Node that runs it here
case $(platform) in
  linux-*)
    [ ! -x "$own" ] || [ -d "$root/node_modules/@rolldown/binding-$(platform)-gnu" ] || {
      complain 'npm left out parts because the Node it ran on is too old. Install Node 20 or newer, then run: npm ci'
      exit 2
    } ;;
esac
code=0
if [ -x "$own" ]; then
  fault=$("$own" --version 2>&1 > /dev/null) && become "$own" "$@"
  # libatomic comes along for lean systems, which do not have it
  carried=$root/agent/install/runtime-libraries/$(platform)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  if fault=$(LD_LIBRARY_PATH=$carried "$own" --version 2>&1 > /dev/null); then
    export LD_LIBRARY_PATH="$carried"
    become "$own" "$@"
  else
    code=$?
  fi
fi

node=$(system_node)
[ -z "$node" ] || become "$node" "$@"

if [ ! -d "$root/node_modules" ]; then
  complain 'nothing is installed yet. Run: npm ci'
elif [ -f "$own" ] && [ ! -x "$own" ]; then
  complain "programs may not run in $root/node_modules: its disk is mounted noexec, or it was copied without the modes of its files. Run npm ci again in a folder where they may"
elif [ ! -x "$own" ]; then
  complain "there is no runtime for $(platform) in node_modules. On 64-bit x86 or ARM Linux run: npm ci --include=optional. Elsewhere install Node $LEAST_MAJOR or newer"
else
  case $fault in
    *libatomic*) complain 'the runtime needs a library that this system lacks. Run as root: apt-get install libatomic1' ;;
    *'loading shared libraries'*)
      complain "the runtime needs a library that this system lacks (${fault##*libraries: }). Run as root: apt-get install libatomic1 libstdc++6" ;;
    *NODE_OPTIONS*) complain "the variable NODE_OPTIONS says what this Node does not know ($fault). Run: unset NODE_OPTIONS" ;;
    *GLIBC*) complain "this system's C library is too old. Use Debian 10, Ubuntu 20.04 or newer, or install Node $LEAST_MAJOR" ;;
    *)
      # 127 is the shell's word for a program whose loader is not there
      [ "$code" -ne 127 ] || {
        complain "this system's programs are not 64-bit ones with the C library of GNU, though its kernel is $(uname -m). Use a 64-bit Debian or Ubuntu"
        exit 2
      }
      complain "the runtime does not run here ($(printf '%s\n' "${fault:-no reason was given}" | sed -n '/[[:alpha:]]/{p;q;}')). Install Node $LEAST_MAJOR or newer"
      ;;
  esac
fi
exit 2
