#!/usr/bin/env bash
# Build a fresh environment, as docs/install.md says, and run what shows that it works.
#
#   tools/dev/fresh_env.sh pose [FOLDER]                 # the extra pose and its acceptance checks
#   tools/dev/fresh_env.sh readme A.mp4 B.mp4 [FOLDER]   # the README's first commands in a clone of what
#                                                        # is committed, with seconds and CPU seconds
# FOLDER: where the environment goes, by default a temporary one that is deleted afterwards
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
what=${1:-}
case $what in
    pose) arguments=1 ;;
    readme) arguments=3 ;;
    *) usage ;;
esac
[ $# -ge $arguments ] && [ $# -le $((arguments + 1)) ] || usage

folder=${*:arguments + 1:1}
[ -n "$folder" ] || { folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT; }
mkdir -p "$folder"
folder=$(realpath "$folder")
work=$folder/work

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

if [ "$what" = readme ]; then
    TIMEFORMAT='-- %R s, CPU %U + %S s'
    timed() { printf '\n== %s\n' "$1"; time eval "$1"; }
    # Nothing of what the caller has cached or set.
    export MMALIGN_CACHE=$folder/cache
    unset PYTHONPATH MMALIGN_EXTRACT
    git clone --quiet . "$folder/mmalign"
    cp "$2" "$folder/mmalign/a.mp4"
    cp "$3" "$folder/mmalign/b.mp4"
    cd "$folder/mmalign"
    first=$(grep -m 1 '^pip install -e . &&' README.md)
    second=$(grep -m 1 "^pip install -e '.\[video\]'" README.md)
    align=$(grep -m 1 '^mmalign align a.mp4 b.mp4' README.md)
    timed "python3 -m venv ../venv"
    # shellcheck disable=SC1091
    . ../venv/bin/activate
    timed "${first%% && *} --quiet"
    timed "${first##* && }"
    timed "${second%%#*} --quiet"
    timed "mmalign doctor --need video | tail -n +20"
    timed "$align"
    printf '\n(the same again: poses are cached)'
    timed "$align"
    exit
fi

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
