#!/bin/sh
# The whole life of a model by curl alone, on the demo task: docs/loop.sh [URL] [FOLDER]
# URL: of a service started by `make run`; FOLDER: where it left the demo's CSV files (HOME/demo/flights).
set -eu
url=${1:-http://127.0.0.1:8000}
data=${2:-var/demo/flights}

step() { printf '\n# %s\n' "$1"; }
ask() { curl --fail-with-body --silent --show-error "$@"; echo; }
# The number that stands behind a name in a JSON answer.
number() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

step 'What serves, and where does it come from?'
before=$(ask "$url/metadata?task=flights" | number experiment_id)
echo "experiment $before"

step 'How good is it on November, which it has never seen?'
ask -X POST "$url/evaluate?task=flights" -F "file=@$data/november.csv" | sed 's/.*\("metrics":{[^}]*}\).*/\1/'

step 'Add November: a new dataset version. The same file again adds nothing.'
ask -X PUT "$url/add_data?task=flights" -F "file=@$data/november.csv"
ask -X PUT "$url/add_data?task=flights" -F "file=@$data/november.csv"

step 'Retrain on everything there is now.'
started=$(ask -X PUT "$url/retrain?task=flights&wait=0" -H 'Content-Type: application/json' \
    -d '{"name": "with November"}')
echo "$started"
id=$(echo "$started" | number experiment_id)

step "Watch experiment $id to its end."
curl --fail-with-body --silent --show-error --no-buffer --max-time 600 "$url/experiments/$id/events" |
    sed -n 's/^data: //p' | tail -n 1
ask "$url/metrics/$id"

step 'Compare: the same hold-out for each experiment.'
ask "$url/experiments?task=flights&limit=5"

step "Deploy it, whether better or not, then see what serves."
ask -X POST "$url/deploy/$id"
ask "$url/metadata?task=flights" | number experiment_id

step 'Answer a row.'
ask -X POST "$url/forward?task=flights" -H 'Content-Type: application/json' -d '{
  "carrier": "UA", "origin": "EWR", "dest": "IAH", "tailnum": "N14228", "plane_model": "737-824",
  "plane_manufacturer": "BOEING", "plane_engine": "Turbo-fan", "plane_year": 1999, "plane_seats": 149,
  "month": 12, "weekday": 1, "sched_dep_minute": 315, "sched_arr_minute": 499, "distance": 1400,
  "temp": 39.02, "dewp": 28.04, "humid": 64.43, "wind_dir": 260, "wind_speed": 12.65858, "wind_gust": null,
  "precip": 0, "pressure": 1011.9, "visib": 10}'

step 'Roll back.'
ask -X POST "$url/rollback?task=flights"
ask "$url/deployments?task=flights&limit=3"
