#!/bin/sh
# Set up the real VBench in an environment of its own, or say plainly why it can't be. Called by `make vbench`.
# Usage: vbench.sh <folder>
set -eu

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail \
  "VBench is set up for Linux on x86-64 only; this is $(uname -sm)." \
  "AdMint's own scorer works everywhere: ADMINT_SCORER=embedded."

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000000) }')
[ "$free" -ge 15 ] || fail \
  "VBench takes 6.7 GB, and as much again while it is set up; $free GB are free here." \
  "Free some space and try again."

lock=backend/requirements-vbench.lock
echo "Setting up VBench in $1: 110 packages, 6.7 GB ..."
if command -v uv >/dev/null 2>&1; then
  uv venv --quiet --allow-existing --python 3.11 "$1"
  uv pip install --quiet --python "$1/bin/python" --require-hashes -r "$lock"
else
  sh backend/tools/venv.sh python3.11 "$1"
  "$1/bin/python" -m pip install --quiet --require-hashes -r "$lock"
fi
touch "$1/.ready"
echo "Done. It still wants its weights, which you put in place yourself: docs/how-to/use-vbench.md"
echo "Then: ADMINT_SCORER=vbench ADMINT_VBENCH_PYTHON=$PWD/$1/bin/python .venv/bin/admint doctor"
