"""Mixtures of matches, margins of cycles, and frames that may be dropped."""

import pytest
import torch

from mmalign.functional.gtcc import (
    cycle_margin,
    droppable,
    fit_mixtures,
    match_by_distance,
    mixture_cycle_errors,
    standardised,
)


def bumps(*parts, frames=40):
    """A distribution over frames ``(1, 1, frames)`` of Gaussians (mean, deviation, weight)."""
    index = torch.arange(float(frames), dtype=torch.float64)
    made = torch.zeros(frames, dtype=torch.float64)
    for mean, deviation, weight in parts:
        one = (-((index - mean) ** 2) / (2 * deviation**2)).exp()
        made += weight * one / one.sum()
    return made.view(1, 1, -1)


def divergence(match, components, weights):
    mixture = (weights.unsqueeze(3) * components).sum(2)
    return float(torch.xlogy(match, match).sum() - torch.xlogy(match, mixture).sum())


def test_em_finds_the_gaussians_that_a_match_is_made_of():
    match = bumps((8, 2, 0.3), (29, 3, 0.7))
    mask = torch.ones(1, 40, dtype=torch.bool)
    components, weights = fit_mixtures(match, mask, 2, rounds=30)
    means = (components * torch.arange(40.0)).sum(3).flatten()
    torch.testing.assert_close(
        weights.flatten(), torch.tensor([0.3, 0.7]).double(), atol=0.01, rtol=0
    )
    torch.testing.assert_close(means, torch.tensor([8.0, 29.0]).double(), atol=0.1, rtol=0)
    assert divergence(match, components, weights) < 0.002


def test_a_few_rounds_are_nearly_enough():
    match = bumps((5, 1.5, 0.5), (15, 2, 0.2), (33, 4, 0.3))
    mask = torch.ones(1, 40, dtype=torch.bool)
    found = [divergence(match, *fit_mixtures(match, mask, 5, rounds)) for rounds in (1, 8, 100)]
    assert found[0] > found[1] > found[2] - 1e-3
    assert found[1] < 0.05 < 0.5 < divergence(match, *fit_mixtures(match, mask, 1))


def test_a_component_is_no_narrower_than_its_least_variance():
    match = torch.zeros(1, 1, 9).double()
    match[..., 4] = 1.0
    components, weights = fit_mixtures(match, torch.ones(1, 9, dtype=torch.bool), 1)
    variance = (components.flatten() * (torch.arange(9.0) - 4) ** 2).sum()
    torch.testing.assert_close(variance, torch.tensor(0.5).double(), atol=0.01, rtol=0)
    assert weights.sum() == 1


def test_mixtures_do_not_depend_on_padding():
    match = bumps((5, 2, 1.0), frames=12)
    mask = torch.ones(1, 12, dtype=torch.bool)
    plain = fit_mixtures(match, mask, 3)
    padding = torch.zeros(1, 1, 5).double()
    longer = torch.cat([mask, torch.zeros(1, 5, dtype=torch.bool)], 1)
    padded = fit_mixtures(torch.cat([match, padding], 2), longer, 3)
    torch.testing.assert_close(padded[0][..., :12], plain[0])
    assert (padded[0][..., 12:] == 0).all()
    torch.testing.assert_close(padded[1], plain[1])


@pytest.mark.parametrize("before", [False, True])
def test_margins_are_what_their_rule_says(before):
    mask = torch.arange(13) < torch.tensor([[11], [4]])
    positions = torch.arange(11).clamp_max(3).expand(2, -1).clone()
    positions[0] = torch.arange(11)
    found = cycle_margin(positions, mask, 0.3, torch.tensor([before] * 2))
    for p, n in enumerate((11, 4)):
        width = max(1, round(0.3 * n))
        for r, i in enumerate(positions[p].tolist()):
            for s in range(13):
                near = -width <= s - i <= -1 if before else 0 <= s - i < width
                ends = (i < width and s < width) or (i >= n - width and s >= n - width)
                assert found[p, r, s] == ((near or ends) and s < n)


def test_cycles_of_a_clip_with_itself_end_where_they_began():
    z = 10 * torch.eye(8, dtype=torch.float64)[None]
    mask = torch.ones(1, 8, dtype=torch.bool)
    match = match_by_distance(z, z, mask)
    torch.testing.assert_close(match[0], torch.eye(8).double())
    positions = torch.arange(8)[None]
    components, weights = match.unsqueeze(2), torch.ones(1, 8, 1).double()
    errors = mixture_cycle_errors((z, z), positions, components, weights, match >= 0)
    torch.testing.assert_close(errors, torch.zeros(1, 8).double())


def test_the_gradient_of_the_errors_is_theirs():
    torch.manual_seed(0)
    a, b = (torch.randn(2, n, 3, dtype=torch.float64, requires_grad=True) for n in (6, 5))
    masks = torch.arange(6) < torch.tensor([[6], [4]]), torch.arange(5) < torch.tensor([[3], [5]])
    positions = torch.tensor([[0, 2, 5], [1, 3, 0]])
    start = a.gather(1, positions.unsqueeze(2).expand(-1, -1, 3))
    mixtures = fit_mixtures(match_by_distance(start, b, masks[1], 1.0), masks[1], 2)
    margin = cycle_margin(positions, masks[0], 0.5, torch.tensor([True, False]))

    def of(a, b):
        return mixture_cycle_errors((a, b), positions, *mixtures, margin, 1.0, 0.1)

    torch.autograd.gradcheck(of, (a, b))


def test_what_is_dropped_is_to_have_a_large_error():
    errors = torch.tensor([[1.0, 4.0, 1e-6]])
    kept, dropped = torch.full((1, 3), 1e3), torch.full((1, 3), -1e3)
    torch.testing.assert_close(droppable(errors, kept, 0.0), errors)
    torch.testing.assert_close(droppable(errors, dropped, 0.0), torch.tensor([[1.0, 0.25, 100.0]]))
    torch.testing.assert_close(droppable(errors, dropped, 1.0), errors)


def test_standardised_values_have_mean_0_and_deviation_1():
    mask = torch.arange(6) < torch.tensor([[6], [4], [1]])
    found = standardised(torch.rand(3, 6) * 5 + 100, mask)
    assert (found[~mask] == 0).all() and found[2, 0].abs() < 1e-3
    for row, count in zip(found[:2], (6, 4), strict=True):
        torch.testing.assert_close(row[:count].mean(), torch.tensor(0.0), atol=1e-4, rtol=0)
        torch.testing.assert_close(row[:count].std(), torch.tensor(1.0), atol=1e-3, rtol=0)
