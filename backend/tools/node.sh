#!/bin/sh
# Tell whether this machine can build the studio; if not, say why in one line. Called by the Makefile and .ci/run.
# Usage: node.sh [what that means]
set -eu

fail() {
  printf '%s\n' "$1${consequence:+ $consequence}" >&2
  exit 1
}

consequence=${1:-}
advice="install Node.js 20.19, 22.12 or newer (Debian or Ubuntu: apt-get install nodejs npm)."

command -v node >/dev/null 2>&1 || fail "Node.js is missing: $advice"
command -v npm >/dev/null 2>&1 || fail "npm is missing: $advice"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' || fail \
  "Node.js $(node --version) is too old to build the studio: $advice"
