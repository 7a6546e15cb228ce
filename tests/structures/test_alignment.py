"""The data that an alignment consists of."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.apis import AlignedPair
from mmalign.errors import InputError


def make_pair() -> AlignedPair:
    positions = np.array([np.nan, 0.0, 2.0, 2.0, 5.5, np.nan])
    return AlignedPair(
        reference="a",
        other="b",
        reference_fps=10.0,
        other_fps=5.0,
        reference_frames=8,
        other_frames=6,
        positions=positions,
        confidence=np.nan_to_num(positions) / 10,
        path=np.array([(0, 1), (2, 2), (2, 3), (6, 4)]),
        repetitions=[(1, 5)],
        same_activity=0.4,
    )


def test_seconds_and_offset() -> None:
    pair = make_pair()
    assert pair.seconds[1:5] == pytest.approx([0.0, 0.2, 0.2, 0.55])
    assert pair.other_seconds[3] == pytest.approx(0.6)
    assert pair.offset_seconds == pytest.approx(np.median([-0.2, -0.2, -0.4, -0.25]))
    assert not pair.is_same_activity


def test_other_positions_are_the_inverse() -> None:
    inverse = make_pair().other_positions
    assert inverse[:6] == pytest.approx(
        [1, 1.75, 2.5, 2.5 + 1.5 / 3.5, 2.5 + 3 / 3.5, 2.5 + 4.5 / 3.5]
    )
    assert inverse[6] == pytest.approx(4.0)
    assert np.isnan(inverse[7])


def test_without_a_counterpart_there_is_no_inverse_and_no_offset() -> None:
    pair = make_pair()
    pair.positions[:] = np.nan
    assert np.isnan(pair.other_positions).all() and np.isnan(pair.offset_seconds)


def test_round_trip_through_json() -> None:
    pair = make_pair()
    text = json.dumps(pair.to_dict(), allow_nan=False)
    again = AlignedPair.from_dict(json.loads(text))
    assert again.to_dict() == pair.to_dict()
    assert again.positions == pytest.approx(pair.positions, nan_ok=True)
    assert (again.path == pair.path).all()


@pytest.mark.parametrize(
    "change", [{"positions": "x"}, {"path": [1, 2, 3]}, {"other_frames": 9}, {"repetitions": [1]}]
)
def test_bad_content_is_an_input_error(change: dict) -> None:
    with pytest.raises(InputError, match="alignment: "):
        AlignedPair.from_dict({**make_pair().to_dict(), **change})
    with pytest.raises(InputError, match="alignment: "):
        AlignedPair.from_dict({})
