"""Contrastive costs, cycles, and clips that run backwards."""

import pytest
import torch

from mmalign.functional.smooth_dtw import (
    contrastive_costs,
    cycle_cross_entropy,
    half_of,
    reverse_in_time,
    smooth_dtw,
)


def clips(lengths=((5, 3), (4, 6)), padding=0):
    generator = torch.Generator().manual_seed(0)
    sides = []
    for counts in torch.tensor(lengths).T:
        mask = torch.arange(int(counts.max()) + padding) < counts.unsqueeze(1)
        z = torch.randn(*mask.shape, 4, generator=generator, dtype=torch.float64)
        z = torch.nn.functional.normalize(z, dim=-1)
        sides.append((z.masked_fill(~mask.unsqueeze(2), 1e3), mask))
    return tuple(zip(*sides, strict=True))


@pytest.mark.parametrize("relaxation", ["prob", "soft_min"])
def test_a_pair_costs_what_it_does_alone(relaxation):
    z, masks = clips(padding=2)
    costs, there = smooth_dtw(z, masks, relaxation=relaxation)
    back = smooth_dtw(z[::-1], masks[::-1], relaxation=relaxation)[1]
    cycles = []
    for p, (n, m) in enumerate(((5, 3), (4, 6))):
        alone = z[0][p, :n][None], z[1][p, :m][None]
        all_real = masks[0][p, :n][None], masks[1][p, :m][None]
        cost, table = smooth_dtw(alone, all_real, relaxation=relaxation)
        torch.testing.assert_close(costs[p], cost[0])
        torch.testing.assert_close(there[p, :n, :m], table[0])
        turned = smooth_dtw(alone[::-1], all_real[::-1], relaxation=relaxation)[1]
        cycles.append(cycle_cross_entropy((table, turned), all_real) * n)
    torch.testing.assert_close(cycle_cross_entropy((there, back), masks), sum(cycles) / 9)


def test_the_cost_of_a_frame_is_normalised_over_the_first_clip():
    z, masks = clips(padding=1)
    costs = contrastive_costs(z, masks[0])
    shares = (-costs).exp() * masks[0].unsqueeze(2)
    torch.testing.assert_close(shares.sum(1), torch.ones_like(shares.sum(1)))
    assert (costs[~masks[0]] == 0).all()


def test_the_cycle_of_a_clip_with_itself_is_cheaper_than_with_its_reverse():
    z = torch.eye(6, dtype=torch.float64)[None]
    masks = (torch.ones(1, 6, dtype=torch.bool),) * 2
    turned = reverse_in_time(z, masks[0])
    torch.testing.assert_close(turned, z.flip(1))
    cost, backwards = (smooth_dtw((z, other), masks)[0] for other in (z, turned))
    assert cost < 0.1 < 1 < backwards


def test_only_real_frames_are_turned_and_halved():
    z = torch.arange(10.0).view(2, 5, 1)
    mask = torch.tensor([[True] * 5, [True, True, False, False, False]])
    turned = reverse_in_time(z, mask)
    assert turned[0].flatten().tolist() == [4, 3, 2, 1, 0]
    assert turned[1, :2].flatten().tolist() == [6, 5]
    for second, expected in ((False, [[0, 1, 2], [5]]), (True, [[2, 3, 4], [6]])):
        half, inside = half_of(z, mask, torch.tensor([second] * 2))
        assert [
            one[keep].flatten().tolist() for one, keep in zip(half, inside, strict=True)
        ] == expected
