"""The tool that measures how long clips are embedded, on a network never trained."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_aligner import write_checkpoint

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.models.windows import Windows
from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/long_clips.py")


@pytest.fixture(scope="module")
def embed(tmp_path_factory) -> Embedder:
    return Embedder(load_aligner(write_checkpoint(tmp_path_factory.mktemp("net") / "tiny.pth")))


def test_performers_walk_as_told(tool):
    ((executions, _),) = tool.from_toy("lift", 1, 3)
    still, there, back = (tool.joined(executions, walk) for walk in ((0, 0), (2, 0), (1, 50)))
    assert still.num_frames == sum(one.num_frames for one in executions)
    np.testing.assert_array_equal(
        still.keypoints[: len(executions[0].scores)], executions[0].keypoints
    )
    away = there.keypoints - still.keypoints
    assert (away[..., 1] == 0).all() and np.ptp(away[..., 0], axis=1).max() < 1e-3
    height = np.median(np.ptp(still.keypoints[..., 1], axis=1))
    assert np.ptp(away[..., 0]) == pytest.approx(2 * height, rel=0.02)
    swing = (back.keypoints - still.keypoints)[:, 0, 0]
    np.testing.assert_allclose(swing[:50], swing[50:100], atol=1e-3)
    assert np.ptp(swing) == pytest.approx(height, rel=0.05)


def test_a_rule_that_embeds_each_execution_alone_has_no_error(tool, embed):
    recordings = tool.from_toy("lift", 1, 2)
    cameras = recordings[0][:1] * 2  # Twice the same.
    alone = [[embed(one, one.fps) for one in executions] for executions in cameras]
    found = tool.measure(
        embed, [cameras], [alone], (0, 0), lambda embed, sequence: np.concatenate(alone[0])
    )
    assert found == (0, 0, 0)
    found = tool.measure(
        embed, [cameras], [alone], (0, 0), lambda embed, sequence: np.concatenate(alone[0])[::-1]
    )
    assert min(found) > 0.1


def test_all_rules_embed_every_frame(tool, embed):
    ((executions, _),) = tool.from_toy("lift", 1, 3)
    recording = tool.joined(executions, (1, 0))
    rules = tool.rules(Windows(128, 60))
    found = {name: rule(embed, recording) for name, rule in rules.items()}
    assert {one.shape for one in found.values()} == {(recording.num_frames, 48)}
    assert not np.allclose(found["smooth box"], found["window's box, 60 frames"], atol=1e-3)
    embed.aligner.model.view_frames = 45  # Windows of 60 frames.
    np.testing.assert_allclose(found["following, overlap 0.25"], embed(recording, recording.fps))


def test_other_data_are_refused(tool, tmp_path, capsys):
    from mmalign.toy.writer import write_dataset

    write_dataset(tmp_path, num_train=1, num_val=1)
    command = [str(write_checkpoint(tmp_path / "tiny.pth")), "--data-root", str(tmp_path)]
    assert tool.main(command) == 2
    assert "no val sequence is named PERSON_eN_cam0" in capsys.readouterr().err
