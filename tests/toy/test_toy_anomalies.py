"""Executions with a step skipped, done twice or slowed."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.toy import get_activity, make_performer
from mmalign.toy.anomalies import SLOWNESS, perform, with_step_twice, without_step

LIFT = get_activity("lift")
PERFORMER = make_performer("val", 3, 5)


@pytest.mark.parametrize("step", range(LIFT.num_phases))
def test_a_slowed_step_takes_longer_and_nothing_else_changes(step: int) -> None:
    usual, slowed = perform(LIFT, PERFORMER, 8), perform(LIFT, PERFORMER, 8, slow=step)
    before, after = (np.bincount(clip.labels, minlength=4) for clip in (usual, slowed))
    others = np.arange(4) != step
    np.testing.assert_array_equal(after[others], before[others])
    assert abs(after[step] - SLOWNESS * before[step]) < SLOWNESS
    for phase in np.flatnonzero(others):
        np.testing.assert_array_equal(
            slowed.keypoints[slowed.labels == phase], usual.keypoints[usual.labels == phase]
        )


def test_a_step_is_left_out() -> None:
    shorter = without_step(LIFT, 1)
    assert shorter.phases == ("bend", "dip", "put up")
    assert shorter.poses == (LIFT.poses[0], LIFT.poses[1], LIFT.poses[3], LIFT.poses[4])
    # The last one has no step after it to go on with: the one before it is left out.
    assert without_step(LIFT, 3) == without_step(LIFT, 2)
    assert set(perform(shorter, PERFORMER, 8).labels.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("step", range(LIFT.num_phases))
def test_a_step_is_undone_and_done_again(step: int) -> None:
    longer = with_step_twice(LIFT, step)
    poses = list(LIFT.poses)
    assert longer.poses == (*poses[: step + 2], *poses[step : step + 2], *poses[step + 2 :])
    assert longer.num_phases == len(longer.shares) == LIFT.num_phases + 2
    assert perform(longer, PERFORMER, 8).labels.max() == LIFT.num_phases + 1
