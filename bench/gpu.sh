#!/usr/bin/env bash
# Everything that needs a GPU, in one call of ten minutes at most: the tests, the measurements,
# the training of the weights. Results go to $OUT (default: bench/results).
#
#   OUT=/somewhere bash bench/gpu.sh [DIRECTORY WITH THE FOUR FASHION-MNIST FILES]
#
# What comes out is few files, for wherever it has to be copied from: reports.tar.gz (the logs, the
# measurements, the weights' cards) and the weights.
#
# Needs a Python with torch (2.11 or later), pytest, hypothesis, Pillow, safetensors, psutil and
# filelock; PYTHON names it. A step that fails does not keep the next from being taken.
set -u
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
OUT=${OUT:-bench/results}
mkdir -p "$OUT"
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
export NIN_RUNS=$SCRATCH/runs NIN_QUEUE=$SCRATCH/queue PYTHONUNBUFFERED=1
[ $# -gt 0 ] && export NIN_DATA=$1
LIMIT=${LIMIT:-570} # seconds for all of it

left() { echo $((LIMIT - SECONDS)); }
step() { # NAME SECONDS COMMAND...
    local name=$1 most=$2
    shift 2
    [ "$(left)" -lt "$most" ] && most=$(left)
    if [ "$most" -le 5 ]; then
        echo "== $name: no time left"
        return
    fi
    echo "== $name (${SECONDS} s)"
    timeout "$most" "$@" 2>&1 | tee "$OUT/$name.log"
    local status=${PIPESTATUS[0]}
    [ "$status" -ne 0 ] && echo "== $name: exit status $status"
}

step machine 30 nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv
step tests 120 "$PYTHON" -m pytest -q -m gpu -p no:cacheprovider tests/training tests/test_fold.py
step bench 150 bash -c "'$PYTHON' -m nin bench --device cuda --json >'$OUT/bench.json' && cat '$OUT/bench.json'"
step variants 120 "$PYTHON" -m bench.variants --out "$OUT/variants.json"
for seed in 0 1 2; do
    step "classic-$seed" 90 "$PYTHON" -m nin train --preset classic --recipe tuned --epochs 10 --seed "$seed" \
        --device cuda --save-weights "$OUT/classic-seed$seed.safetensors"
done
step classic-112 60 "$PYTHON" -m nin train --preset classic-112 --recipe tuned --epochs 20 \
    --device cuda --save-weights "$OUT/classic-112.safetensors"
step pocket 60 "$PYTHON" -m nin train --preset pocket --recipe tuned --epochs 30 \
    --device cuda --save-weights "$OUT/pocket.safetensors"
step pocket-sketch 60 "$PYTHON" -m nin train --preset pocket --recipe sketch-aware \
    --device cuda --save-weights "$OUT/pocket-sketch.safetensors"
(cd "$OUT" && tar -czf reports.tar.gz -- *.log *.json && rm -f -- *.log *.json)
echo "== done in ${SECONDS} s; results in $OUT"
ls -l "$OUT"
