"""Which frames of a clip enter a loss."""

import pytest
import torch

from mmalign.errors import InputError
from mmalign.functional.frame_sampling import SAMPLERS, FrameSampler

LENGTHS = torch.tensor([1, 2, 6, 7, 8, 14, 15, 31])


def places(sampler, lengths=LENGTHS, **options):
    """Per clip the positions that are drawn."""
    positions, mask = FrameSampler(sampler, **options).draw(lengths)
    assert positions.shape == mask.shape and (positions[~mask] == 0).all()
    assert (mask.long().diff(dim=1) <= 0).all(), "the real ones come first"
    return [row[real].tolist() for row, real in zip(positions, mask, strict=True)]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_positions_are_sorted_distinct_and_in_the_clip(sampler):
    for seed in range(30):
        torch.manual_seed(seed)
        for length, row in zip(
            LENGTHS.tolist(), places(sampler, num_frames=7, stride=4), strict=True
        ):
            assert row == sorted(set(row)) and 0 <= row[0] and row[-1] < length


@pytest.mark.parametrize("sampler", ["uniform", "segment"])
def test_as_many_frames_as_are_asked_for_or_all(sampler):
    for length, row in zip(LENGTHS.tolist(), places(sampler, num_frames=7), strict=True):
        assert row == list(range(length)) if length <= 7 else len(row) == 7
    assert FrameSampler(sampler, num_frames=20).draw(torch.tensor([3, 5]))[0].shape == (2, 5)


def test_uniform_never_takes_the_first_frame_and_any_other_as_often():
    torch.manual_seed(0)
    rows = places("uniform", torch.full((4000,), 11), num_frames=4)
    counts = torch.bincount(torch.tensor(rows).flatten(), minlength=11)
    assert counts[0] == 0
    assert (counts[1:] / 4000 - 0.4).abs().max() < 0.03


def test_segment_takes_one_of_each_segment_and_any_of_it():
    torch.manual_seed(0)
    seen = [set() for _ in range(7)]
    for _ in range(200):
        (row,) = places("segment", torch.tensor([31]), num_frames=7)
        for k, place in enumerate(row):
            assert 31 * k // 7 <= place < 31 * k // 7 + 4  # T/N = 4.4 frames
            seen[k].add(place - 31 * k // 7)
    assert seen == [{0, 1, 2, 3}] * 7


def test_stride_begins_at_any_frame_that_every_clip_has():
    torch.manual_seed(0)
    seen = set()
    for _ in range(100):
        first, second = places("stride", torch.tensor([3, 30]), stride=4)
        assert second == list(range(first[0], 30, 4))
        seen.add(first[0])
    assert seen == {0, 1, 2}


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_draws_come_from_torchs_generator(sampler):
    state = torch.get_rng_state()
    first = places(sampler, num_frames=7, stride=4)
    torch.set_rng_state(state)
    assert places(sampler, num_frames=7, stride=4) == first


@pytest.mark.parametrize("option", [dict(sampler="random"), dict(num_frames=0), dict(stride=0)])
def test_bad_options_are_named(option):
    with pytest.raises(InputError, match=f"{next(iter(option))}.* is .*expected"):
        FrameSampler(**option)
