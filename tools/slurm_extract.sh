#!/usr/bin/env bash
# Extract poses on a Slurm cluster, one torchrun per node and one process per GPU.
#   tools/slurm_extract.sh PARTITION JOB_NAME VIDEOS... --out DIR [options of tools/extract_poses.py]
# NODES (1), GPUS_PER_NODE (8), CPUS_PER_TASK (16) and SRUN_ARGS are taken from the environment.
set -euo pipefail
if [ $# -lt 5 ]; then sed -n '2,4s/^# *//p' "$0" >&2; exit 2; fi
PARTITION=$1 JOB_NAME=$2
shift 2
ROOT=$(dirname "$(dirname "$(realpath "$0")")")
NODES=${NODES:-1} GPUS_PER_NODE=${GPUS_PER_NODE:-8}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} ROOT NODES GPUS_PER_NODE PORT=${PORT:-29500}
# The first node of the job is where the processes meet; only the job itself knows its name.
# shellcheck disable=SC2016,SC2086
exec srun --partition="$PARTITION" --job-name="$JOB_NAME" --nodes="$NODES" --ntasks="$NODES" \
    --ntasks-per-node=1 --gres="gpu:$GPUS_PER_NODE" --cpus-per-task="${CPUS_PER_TASK:-16}" \
    --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    bash -c 'exec torchrun --nnodes="$NODES" --nproc_per_node="$GPUS_PER_NODE" \
        --rdzv_id="$SLURM_JOB_ID" --rdzv_backend=c10d \
        --rdzv_endpoint="$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n1):$PORT" \
        "$@"' torchrun "$ROOT/tools/extract_poses.py" --launcher pytorch "$@"
