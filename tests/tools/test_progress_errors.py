"""Which clips the errors of progress are in."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.experiments.labelled_clips import labelled_entries
from mmalign.poses.pose_index import read_index
from mmalign.toy.writer import write_dataset
from tests.fixtures.tiny_aligner import write_checkpoint
from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/progress_errors.py")


def clips(*boundaries, length=40):
    """Clips whose embedding is the time, with a phase that ends after ``boundaries`` frames."""
    time = np.arange(length)[:, None] - 20.0
    labels = [(np.arange(length) >= boundary).astype(int) for boundary in boundaries]
    return [time] * len(labels), labels


def test_the_clip_that_is_labelled_otherwise_is_found(tool):
    train, val = clips(*[20] * 9), clips(20, 20, 10, 20)
    place, figures = tool.worst_clip([(train, val), (train, val)])
    assert place == 2
    assert figures["share"] == pytest.approx(1)
    assert figures["without"] == pytest.approx(1)
    assert figures["progress"] < 0.9
    assert figures["frames"] == 40
    # Its phase ends 10 of 40 frames earlier, so that it is farther past its end than predicted.
    assert figures["bias"] == pytest.approx(-0.25)


def test_figures_are_means_over_networks(tool):
    train, val = clips(*[20] * 9), clips(20, 20, 10, 20)
    shifted = clips(*[18] * 9)
    one, other = (tool.worst_clip([(each, val)])[1] for each in (train, shifted))
    _, both = tool.worst_clip([(train, val), (shifted, val)])
    for key in ("progress", "share", "bias"):
        assert both[key] == pytest.approx((one[key] + other[key]) / 2)
    assert one["progress"] != pytest.approx(other["progress"])


def test_one_clip_is_too_few(tool):
    with pytest.raises(InputError, match="found one labelled validation clip"):
        tool.worst_clip([(clips(20), clips(20))])


def test_a_single_phase_has_no_progress(tool):
    train, val = clips(40, 40), clips(40, 40)
    with pytest.raises(InputError, match="found a single phase"):
        tool.worst_clip([(train, val)])


def test_the_command_scores_checkpoints(tool, tmp_path, capsys):
    data = tmp_path / "data"
    write_dataset(data, num_train=3, num_val=2)
    action = read_index(data).sequences[0].action
    checkpoint = f"{action}={write_checkpoint(tmp_path / 'tiny.pth')}"
    out = tmp_path / "errors.json"
    argv = ["--data-root", str(data), "--checkpoint", checkpoint, checkpoint, "--out", str(out)]
    assert tool.main(argv) == 0
    figures = json.loads(out.read_text())
    one = figures[action]
    assert one["clip"] in [entry.id for entry in labelled_entries(data, action, "val")]
    assert 0.5 <= one["share"] <= 1  # There are two clips.
    assert figures["mean"]["without"] == one["without"]
    assert f"{action}: progress {one['progress']:.3f}, without " in capsys.readouterr().out
