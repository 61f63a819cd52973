# An ad with bought clips for no money: starts the fake vendors, makes the ad PROMPT into OUT, prints the bill, stops them.
# Usage: sh demo_paid.sh BIN, the folder of admint and admint-fakes. Called by `make demo-paid`.
# Tests: tests/test_fakes/test_demo_paid.py
set -eu
bin=$1
folder=$(mktemp -d)
"$bin/admint-fakes" --port 0 --ready-file "$folder/ready" >"$folder/address" &
fakes=$!
trap 'kill $fakes; rm -rf "$folder"' EXIT
until [ -e "$folder/ready" ]; do
  kill -0 $fakes
  sleep 0.2
done
REPLICATE_BASE_URL=$(cat "$folder/address")
ADMINT_HOME="$folder/home"
REPLICATE_API_TOKEN=demo
export REPLICATE_BASE_URL ADMINT_HOME REPLICATE_API_TOKEN
"$bin/admint" generate --auto --prompt="$PROMPT" --output="$OUT" --cap 10 \
  --set providers.video=replicate --set providers.image=replicate
"$bin/admint" costs
