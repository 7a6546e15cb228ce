import os
from pathlib import Path

import numpy as np
import pytest

from mmalign.formats.benchmarks.penn_action_files import read_annotation
from mmalign.functional.plausibility import exchanged_sides, pair_agreement
from mmalign.skeletons import get_skeleton

PAIRS = get_skeleton("penn13").flip_pairs


def walk(frames=40):
    """A person seen from the front whose joints swing a little."""
    rng = np.random.default_rng(0)
    sides = np.array(
        [1 if name.startswith("left") else -1 for name in get_skeleton("penn13").joints]
    )
    points = np.stack([100 + 20 * sides, 10 * np.arange(13)], axis=-1).astype(float)
    swing = rng.normal(0, 1, (frames, 13, 2)).cumsum(axis=0)
    return points + swing * 0.3, np.ones((frames, 13))


def test_sides_that_change_places_are_found_where_they_do():
    points, scores = walk()
    assert not len(exchanged_sides(points, scores, PAIRS))
    flipped = points.copy()
    flipped[10:15] = flipped[10:15, get_skeleton("penn13").flip_index]
    assert list(exchanged_sides(flipped, scores, PAIRS)) == [10, 15]
    scores[9] = 0  # nobody can know
    assert list(exchanged_sides(flipped, scores, PAIRS)) == [15]


def test_a_pair_in_the_wrong_order_disagrees_with_the_others():
    points, scores = walk()
    agrees, known = pair_agreement(points, scores, PAIRS)
    assert (agrees == 40).all() and (known == 40).all()
    left, right = PAIRS[3]
    points[:, [left, right]] = points[:, [right, left]]
    scores[:7, left] = 0
    agrees, known = pair_agreement(points, scores, PAIRS)
    assert agrees[3] == 0 and known[3] == 33
    assert (np.delete(agrees, 3) == 40).all()


@pytest.mark.slow
def test_annotated_people_agree():
    root = os.environ.get("MMALIGN_DATA")
    if not root or not (Path(root) / "penn_action").is_dir():
        pytest.skip("needs Penn Action: set MMALIGN_DATA to the folder that holds penn_action/")
    counts = np.zeros((2, len(PAIRS)))
    for path in sorted((Path(root) / "penn_action" / "labels").glob("*.mat"))[::16]:
        annotation = read_annotation(path)
        scores = annotation.visible.astype(float)
        counts += pair_agreement(annotation.xy, scores, PAIRS)
        assert not len(exchanged_sides(annotation.xy, scores, PAIRS))
    assert (counts[1] > 3000).all()
    assert (counts[0] / counts[1] > 0.8).all()
