import json
import subprocess
import sys

import numpy as np
import pytest
import scipy.io

from mmalign.datasets import PoseSequenceDataset


@pytest.fixture
def src(tmp_path):
    """Two videos of one action, the first labelled with fewer labels than frames."""
    for folder in ("labels", "phase_labels"):
        (tmp_path / "src" / folder).mkdir(parents=True)
    for video in ("0001", "0002"):
        content = {
            "action": "golf_swing", "pose": "front", "train": 1,
            "x": np.full((9, 13), 5.0), "y": np.full((9, 13), 6.0),
            "visibility": np.ones((9, 13), np.uint8), "bbox": np.ones((9, 4)),
            "dimensions": np.array([[270, 480, 9]]), "nframes": 9,
        }  # fmt: skip
        scipy.io.savemat(tmp_path / "src" / "labels" / f"{video}.mat", content)
    labels = {"0001": [0, 0, 1, 1, 1, 2, 2]}
    (tmp_path / "src/phase_labels/golf_swing_train.json").write_text(json.dumps(labels))
    return tmp_path / "src"


@pytest.fixture
def prepare(repo):
    def prepare(*arguments):
        return subprocess.run(
            [sys.executable, "tools/data/prepare.py", *map(str, arguments)],
            cwd=repo, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return prepare


@pytest.mark.slow
def test_it_prepares_a_data_set_and_reports_what_was_odd(prepare, src, tmp_path):
    done = prepare("penn_action", src, "--out", tmp_path / "out", "--actions", "golf_swing")
    assert (done.returncode, done.stderr.count("error")) == (0, 0), done.stderr
    assert "2 (1)" in done.stdout
    assert "video 0001: 9 frames, 7 labels; cut to 7" in done.stdout
    assert f"wrote 2 sequences to {tmp_path / 'out'} (0 skipped)" in done.stdout
    assert len(PoseSequenceDataset(str(tmp_path / "out"))) == 2


@pytest.mark.slow
def test_videos_that_cannot_be_used_are_an_error_or_reported_skips(prepare, src, tmp_path):
    (src / "labels" / "0002.mat").write_bytes(b"damaged")
    done = prepare("penn_action", src, "--out", tmp_path / "out")
    check_error(done, "0002.mat: not a readable Penn Action annotation")
    done = prepare("penn_action", src, "--out", tmp_path / "out", "--skip-errors")
    assert done.returncode == 0
    assert "skipped 0002: " in done.stdout and "(1 skipped)" in done.stdout


def check_error(done, message):
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ") and message in last


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{tmp}/none", "--out", "{tmp}/out"], "none: does not exist; expected the unpacked Penn"),
        (["{src}", "--out", "{tmp}/out", "--actions", "golf"], "no video of action golf"),
        (["{src}", "--out", "{tmp}/out", "--occluded-score", "2"], "occluded_score is 2.0"),
        (["{src}", "--out", "{src}/labels/0001.mat"], "cannot be written"),
    ],
)
def test_errors_are_one_line_with_exit_status_2(prepare, src, tmp_path, arguments, message):
    filled = [argument.format(src=src, tmp=tmp_path) for argument in arguments]
    check_error(prepare("penn_action", *filled), message)
