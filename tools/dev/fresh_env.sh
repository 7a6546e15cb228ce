#!/usr/bin/env bash
# Build a fresh environment with an extra, as docs/install.md says, and run what shows that it works.
#
#   tools/dev/fresh_env.sh pose [FOLDER]     # FOLDER: where the environment goes, by default a
#                                            # temporary one that is deleted afterwards
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ "${1:-}" = pose ] && [ $# -le 2 ] || usage

folder=${2:-$(mktemp -d)}
[ $# -eq 2 ] || trap 'rm -rf "$folder"' EXIT
work=$folder/work

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

step "install"
python3 -m venv "$folder/venv"
# shellcheck disable=SC1091
. "$folder/venv/bin/activate"
pip install --quiet -e '.[pose,tests]'
pip install --quiet --no-deps -r requirements/mmpose.txt

step "doctor"
mmalign doctor --need pose tests

step "tests of the pose backends"
pytest -q tests/compat/test_mmpose.py tests/compat/test_openmmlab_checkpoint.py tests/extraction/backends

step "a moment's training with MMPose and MMDetection, ONNX files, both backends"
quick='train_cfg.max_epochs=1 train_cfg.val_interval=1'
# shellcheck disable=SC2086
python tools/pose/train_toy_pose.py --work-dir "$work" --clips 2 --cfg-options $quick > "$folder/log.txt"
python tools/pose/score_toy_pose.py --work-dir "$work"

step "extraction by both backends"
python tools/pose/write_toy_videos.py --out "$work/toy" --num-train 1 --num-val 1
extract() { mmalign extract-poses "$work/toy/videos" --annotations "$work/toy/annotations.json" "$@"; }
extract --out "$work/by_mmpose" --model "$work/pose.py" --checkpoint "$work/pose.pth"
extract --out "$work/by_rtmlib" --backend rtmlib --model "$work/pose.onnx"
# A moment's training finds no real poses; what counts is that there is a file for each video.
for made in by_mmpose by_rtmlib; do
    [ "$(find "$work/$made/poses" -name '*.npz' | wc -l)" -eq 2 ]
done

step "done: the extra works"
