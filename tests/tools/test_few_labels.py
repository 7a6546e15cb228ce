"""How accuracy depends on which tenth of the clips has labels."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.poses.pose_index import read_index
from mmalign.toy.writer import write_dataset
from tests.fixtures.tiny_aligner import write_checkpoint
from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/few_labels.py")


def clips(count, end, length=40):
    """Clips whose embedding is the time, with a phase that ends after ``end`` frames."""
    embedding = np.linspace(0, 1, length)[:, None]
    return [embedding] * count, [(np.arange(length) >= end).astype(int)] * count


def test_a_first_tenth_that_is_labelled_otherwise_is_seen(tool):
    other, usual = clips(2, end=12), clips(18, end=20)
    train = (other[0] + usual[0], other[1] + usual[1])
    figures = tool.compare_tenths(train, clips(5, end=20), draws=50)
    assert figures["first"] == pytest.approx(0.8, abs=0.03)  # 8 of 40 frames are wrong.
    assert figures["random"] > 0.95
    assert figures["below"] == 0
    assert figures["random_min"] >= figures["first"]
    assert figures["shift_first"] == pytest.approx([8], abs=1)
    assert figures["shift_val"] == pytest.approx([0], abs=1)


@pytest.mark.parametrize(
    ("count", "draws", "said"), [(1, 1, "two at least"), (2, 0, "draws: found 0")]
)
def test_what_cannot_be_drawn_is_said(tool, count, draws, said):
    with pytest.raises(InputError, match=said):
        tool.compare_tenths(clips(count, end=20), clips(1, end=20), draws)


def test_a_checkpoint_without_its_action_is_said(tool, capsys):
    with pytest.raises(SystemExit):
        tool.main(["--data-root", "data", "--checkpoint", "epoch_20.pth"])
    assert "found 'epoch_20.pth', expected ACTION=CKPT" in capsys.readouterr().err


def test_the_command_scores_a_checkpoint(tool, tmp_path, capsys):
    write_dataset(tmp_path / "data", num_train=3, num_val=2)
    action = read_index(tmp_path / "data").sequences[0].action
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    out = tmp_path / "few.json"
    argv = ["--data-root", str(tmp_path / "data"), "--draws", "3", "--out", str(out)]
    assert tool.main([*argv, "--checkpoint", f"{action}={checkpoint}"]) == 0
    figures = json.loads(out.read_text())
    one = figures[action]
    assert 0 < one["random_min"] <= one["random"] <= 1
    assert len(one["shift_val"]) == len(one["shift_first"]) >= 1
    assert figures["mean"]["first"] == one["first"]
    assert f"{action}: first {one['first']:.3f}, random " in capsys.readouterr().out
