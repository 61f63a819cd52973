#!/bin/sh
# Make a virtual environment, or say plainly what the machine lacks. Called by the Makefile where uv is absent.
# Usage: venv.sh <python> <folder>
set -eu

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

command -v "$1" >/dev/null 2>&1 || fail \
  "AdMint needs Python 3.11 or newer, and '$1' is not on the path." \
  "Debian or Ubuntu: apt-get install python3 python3-venv. Another name: make PYTHON=python3.12 ..."

"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail \
  "AdMint needs Python 3.11 or newer; '$1' is $("$1" -V 2>&1)." \
  "Name a newer one: make PYTHON=python3.12 ..., or install uv."

"$1" -c 'import ensurepip, venv' 2>/dev/null || fail \
  "'$1' can't make virtual environments: its venv module is not installed." \
  "Debian or Ubuntu: apt-get install python3-venv. Or install uv."

"$1" -m venv "$2"
