#!/usr/bin/env bash
# Train on several processes of one machine (or of several: NNODES, NODE_RANK, MASTER_ADDR).
#   tools/dist_train.sh CONFIG PROCESSES [options of tools/train.py]
# One process per GPU; without GPUs the processes run on the CPU and talk over gloo.
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,4s/^# *//p' "$0" >&2; exit 2; fi
CONFIG=$1 PROCESSES=$2
shift 2
ROOT=$(dirname "$(dirname "$(realpath "$0")")")
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
exec torchrun --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    --nproc_per_node="$PROCESSES" \
    "$ROOT/tools/train.py" "$CONFIG" --launcher pytorch "$@"
