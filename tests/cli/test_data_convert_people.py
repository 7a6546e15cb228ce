import json
import subprocess
import sys

import numpy as np
import pytest

from mmalign.datasets import PoseSequenceDataset
from mmalign.formats.catalogue import list_formats

pytestmark = pytest.mark.slow


@pytest.fixture
def convert(repo):
    def convert(*arguments):
        return subprocess.run(
            [sys.executable, "tools/data/prepare.py", *map(str, arguments)],
            cwd=repo, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return convert


def test_openpose_of_two_people_becomes_a_data_set(convert, tmp_path):
    rng = np.random.default_rng(0)
    body = rng.uniform(0, 100, (25, 2))
    (tmp_path / "src/val/wave/a").mkdir(parents=True)
    for t in range(12):
        people = [
            np.concatenate([scale * body + (x + t, 50), np.full((25, 1), 0.8)], axis=1)
            for scale, x in ((1, 600), (2, 100))
        ]
        rows = [{"pose_keypoints_2d": p.ravel().tolist()} for p in people[:: (-1) ** t]]
        (tmp_path / f"src/val/wave/a/a_{t:012d}_keypoints.json").write_text(
            json.dumps({"people": rows})
        )
    done = convert(
        "openpose", tmp_path / "src", "--out", tmp_path / "out", "--skeleton", "body25",
        "--fps", "50", "--frame-size", "1280x720", "--person", "position:650,100",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "wrote 1 sequences" in done.stdout and "1 clips with several people" in done.stdout
    sample = PoseSequenceDataset(str(tmp_path / "out"), split="val", min_frames=1)[0]
    assert sample["action"] == "wave" and sample["img_shape"] == (720, 1280)
    np.testing.assert_allclose(
        sample["keypoint"][0, :, 0, 0], body[0, 0] + 600 + np.arange(12), 1e-5
    )

    failed = convert("openpose", tmp_path / "src", "--out", tmp_path / "out", "--person", "me")
    assert failed.returncode == 2 and failed.stdout == ""
    assert failed.stderr.startswith("error: --person 'me' is unknown, expected largest, score")
    assert failed.stderr.count("\n") == 1


def test_every_format_explains_itself(convert):
    listed = convert("--help").stdout
    assert all(f"  {name} " in listed for name in list_formats())
    text = convert("ui_prmd", "--help").stdout
    assert "--cameras N" in text and "--train-subjects" in text
