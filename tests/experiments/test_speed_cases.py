"""Clips filmed in other ways, and with an estimator's mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_aligner import toy_poses

from mmalign.experiments.speed_cases import SPEEDS, estimated, film, torso
from mmalign.poses.skeleton_conversion import convert_skeleton

CLIP = convert_skeleton(toy_poses(), "penn13", "clip")


@pytest.mark.parametrize("way", SPEEDS)
def test_frames_advance_at_the_speed_they_are_said_to(way: str) -> None:
    filmed = film(CLIP, way, np.random.default_rng(0))
    count = filmed.sequence.num_frames
    assert len(filmed.instants) == len(filmed.speeds) == len(filmed.moving) == count
    assert filmed.sequence.fps == CLIP.fps
    advance, speed = np.diff(filmed.instants), filmed.speeds[:-1]
    steady = (filmed.moving[1:] & filmed.moving[:-1]) & (np.diff(filmed.speeds) == 0)
    np.testing.assert_allclose(advance[steady], speed[steady])
    whole = np.isclose(filmed.instants % 1, 0)
    np.testing.assert_allclose(
        filmed.sequence.keypoints[whole],
        CLIP.keypoints[filmed.instants[whole].round().astype(int)],
        atol=1e-3,
    )


def test_a_ramp_stands_at_both_ends_and_is_real_in_its_outer_quarters() -> None:
    filmed = film(CLIP, "ramp8", np.random.default_rng(0))
    moving = np.flatnonzero(filmed.moving)
    for idle in (moving[0], len(filmed.moving) - 1 - moving[-1]):
        assert 1 <= (idle + 1) / CLIP.fps and idle / CLIP.fps <= 3
    share = filmed.instants / (CLIP.num_frames - 1)
    assert set(filmed.speeds[(share > 0.26) & (share < 0.74)]) == {1 / 8}
    assert set(filmed.speeds[(share < 0.24) | (share > 0.76)]) == {1.0}


def test_mistakes_are_of_the_size_they_are_said_to_be() -> None:
    clip = film(CLIP, "slow8", np.random.default_rng(0)).sequence
    found = estimated(clip, np.random.default_rng(1))
    error = np.linalg.norm(found.keypoints - clip.keypoints, axis=-1) / torso(clip)
    there = (found.scores > 0) & (clip.scores > 0)
    # Two coordinates of 2 % each; exchanged joints are far off.
    assert np.median(error[there]) == pytest.approx(0.02 * np.sqrt(2 * np.log(2)), rel=0.15)
    wrists = error[:, 5:7][there[:, 5:7]]
    assert 0.05 < (wrists > 0.15).mean() < 0.15
    assert (found.scores[:, 0] == 0).mean() == pytest.approx(0.1, abs=0.04)
    assert (found.scores[:, 5] < 0.5).mean() == pytest.approx(0.1, abs=0.04)
    assert found.keypoints is not clip.keypoints and (found.keypoints[found.scores == 0] == 0).all()
