"""The constant difference between two embedded sequences."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.functional import clip_offset as module
from mmalign.functional.clip_offset import clip_offset
from mmalign.functional.match_quality import fit_allowance


def curve(positions: np.ndarray) -> np.ndarray:
    """Points of a smooth curve that never comes back to where it was, by place 0..90."""
    frequency = np.linspace(0.3, 2.0, 12) / 30
    return np.sin(np.asarray(positions, float)[:, None] * frequency + np.arange(12) * 2.4)


REFERENCE = curve(np.arange(91))
MOVED = np.random.default_rng(1).normal(0, 0.3, 12)


@pytest.mark.parametrize(("start", "end"), [(0, 91), (20, 80), (0, 50), (45, 91)])
def test_it_is_found_for_a_moved_copy_of_a_part(start: int, end: int) -> None:
    found = clip_offset(REFERENCE, REFERENCE[start:end] - MOVED)
    assert found.offset == pytest.approx(MOVED, abs=0.15)
    assert np.linalg.norm(found.offset - MOVED) < 0.3 * np.linalg.norm(MOVED)
    assert found.allowance == pytest.approx(fit_allowance(REFERENCE))


def test_what_comes_before_and_after_does_not_enter() -> None:
    elsewhere = np.full((60, 12), 3.0) + np.random.default_rng(0).normal(0, 0.1, (60, 12))
    longer = np.concatenate([elsewhere, REFERENCE, elsewhere]) - MOVED
    assert clip_offset(REFERENCE, longer).offset == pytest.approx(MOVED, abs=0.05)


def test_long_sequences_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = clip_offset(REFERENCE, REFERENCE - MOVED)
    monkeypatch.setattr(module, "_MOST_CELLS", 1000)
    thinned = clip_offset(REFERENCE, REFERENCE - MOVED)
    assert thinned.offset == pytest.approx(whole.offset, abs=0.06)


def test_the_score_tells_what_fits_better() -> None:
    same = clip_offset(REFERENCE, REFERENCE[10:80]).score
    worse = clip_offset(REFERENCE, REFERENCE[10:80] + 0.2 * np.sin(np.arange(70))[:, None]).score
    other = clip_offset(REFERENCE, curve(np.arange(80, 10, -1)) + 2).score
    assert same > worse > other >= 0
