#!/usr/bin/env bash
# Everything that needs a GPU, in one call of ten minutes at most: the tests, the measurements,
# the training of the weights. Results go to $OUT (default: bench/results).
#
#   OUT=/somewhere bash bench/gpu.sh [DIRECTORY WITH THE FOUR FASHION-MNIST FILES]
#
# What comes out is few files, for wherever it has to be copied from: reports.tar.gz (the logs, the
# measurements, the weights' cards) and the weights.
#
# Needs a Python with torch (2.11 or later), pytest, hypothesis, numpy, Pillow, safetensors,
# psutil and filelock; PYTHON names it. A step that fails does not keep the next from being taken.
set -u
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
OUT=${OUT:-bench/results}
mkdir -p "$OUT"
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
export NIN_RUNS=$SCRATCH/runs NIN_QUEUE=$SCRATCH/queue PYTHONUNBUFFERED=1
[ $# -gt 0 ] && export NIN_DATA=$1
LIMIT=${LIMIT:-540} # seconds for all of it

left() { echo $((LIMIT - SECONDS)); }
step() { # NAME SECONDS COMMAND...
    local name=$1 most=$2
    shift 2
    [ "$(left)" -lt "$most" ] && most=$(left)
    if [ "$most" -le 5 ]; then
        echo "== $name: no time left"
        return 1
    fi
    echo "== $name (${SECONDS} s)"
    timeout -k 10 "$most" "$@" 2>&1 | tee "$OUT/$name.log"
    local status=${PIPESTATUS[0]}
    [ "$status" -eq 0 ] || echo "== $name: exit status $status"
    return "$status"
}
train() { # NAME SECONDS ARGUMENTS OF nin train...
    local name=$1 most=$2
    shift 2
    # A training that was cut short saves what it has got to: no weights of the whole recipe.
    step "$name" "$most" "$PYTHON" -m nin train "$@" --device cuda --save-weights "$OUT/$name.safetensors" ||
        rm -f "$OUT/$name.safetensors" "$OUT/$name.json"
}
tests() { "$PYTHON" -m pytest -q -m gpu -p no:cacheprovider tests/training tests/engine "$@"; }
bench() {
    "$PYTHON" -m bench --device cuda --json >"$OUT/bench.json"
    local status=$?
    cat "$OUT/bench.json"
    return $status
}
export -f tests bench
export PYTHON OUT

step machine 30 bash -c 'nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv; df -h /dev/shm'
# What makes a recording fail on purpose has a process of its own: torch may not get over it.
step tests 120 bash -c 'tests -k "not cannot_be_recorded"'
step tests-of-failure 60 bash -c 'tests -k cannot_be_recorded'
step bench 240 bash -c bench
classic() { train "classic-seed$1" 90 --preset classic --recipe tuned --epochs 10 --seed "$1"; }
if "$PYTHON" -m nin data --json | grep -q '"train": 60000'; then
    has_data=yes
    classic 0
    train classic-112 60 --preset classic-112 --recipe tuned --epochs 20
    train pocket 60 --preset pocket --recipe tuned --epochs 30
    train pocket-sketch 60 --preset pocket --recipe sketch-aware
else
    echo "== no weights are trained: the full data set is not here"
fi
step variants 120 "$PYTHON" -m bench.training.variants --out "$OUT/variants.json"
[ -z "${has_data:-}" ] || for seed in 1 2; do classic "$seed"; done
grep -H ": eager" "$OUT"/*.log # trainings whose steps could not be recorded
(cd "$OUT" && tar -czf reports.tar.gz -- *.log *.json && rm -f -- *.log *.json)
echo "== done in ${SECONDS} s; results in $OUT"
ls -l "$OUT"
