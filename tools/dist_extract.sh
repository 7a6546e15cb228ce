#!/usr/bin/env bash
# Extract poses on several processes of one machine (or of several: NNODES, NODE_RANK, MASTER_ADDR).
#   tools/dist_extract.sh PROCESSES VIDEOS... --out DIR [options of tools/extract_poses.py]
# Each process takes its share of the videos; with --device cuda each gets a GPU. DIR is shared.
set -euo pipefail
if [ $# -lt 4 ]; then sed -n '2,4s/^# *//p' "$0" >&2; exit 2; fi
PROCESSES=$1
shift
ROOT=$(dirname "$(dirname "$(realpath "$0")")")
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
exec torchrun --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    --nproc_per_node="$PROCESSES" \
    "$ROOT/tools/extract_poses.py" --launcher pytorch "$@"
