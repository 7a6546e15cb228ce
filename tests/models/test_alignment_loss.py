"""The loss: directions, objectives, bad options."""

import pytest
import torch

from mmalign.functional.matching import (
    contrastive_regression,
    pairwise_distance,
    soft_label_cross_entropy,
)
from mmalign.models import AlignmentLoss


def views(seed=0):
    generator = torch.Generator().manual_seed(seed)
    z = tuple(torch.randn(2, n, 8, generator=generator) for n in (6, 4))
    inds = (torch.arange(6.0).repeat(2, 1), torch.tensor([[0.0, 1, 3, 5], [1, 2, 4, 5]]))
    return z, inds, tuple(torch.ones(i.shape, dtype=torch.bool) for i in inds)


def swapped(pair):
    return pair[1], pair[0]


def test_symmetric_is_the_mean_of_both_directions():
    z, inds, masks = views()
    one = AlignmentLoss(symmetric=False)
    forward, backward = (
        one.match(z, inds, masks),
        one.match(swapped(z), swapped(inds), swapped(masks)),
    )
    both = AlignmentLoss(symmetric=True)
    torch.testing.assert_close(both.match(z, inds, masks), (forward + backward) / 2)
    torch.testing.assert_close(
        both.match(z, inds, masks), both.match(swapped(z), swapped(inds), swapped(masks))
    )


def test_objectives_add_up_with_their_weights():
    z, inds, masks = views()
    distances = pairwise_distance(*z)
    expected = 2 * contrastive_regression(distances, *inds, *masks, normalize=False).mean()
    expected = expected + 0.5 * soft_label_cross_entropy(distances, *inds, *masks).mean()
    objective = dict(regression=2.0, soft_label=0.5)
    loss = AlignmentLoss(objective, normalize=False, symmetric=False)
    torch.testing.assert_close(loss.match(z, inds, masks), expected)


def test_temperature_learns_only_when_asked():
    for learn in (True, False):
        loss = AlignmentLoss(learn_temperature=learn)
        assert [p.requires_grad for p in loss.parameters()] == [learn]
        assert loss.log_temperature.exp().item() == pytest.approx(0.1)


@pytest.mark.parametrize("objective", ["regression", "expected_error", "soft_label"])
def test_descending_the_loss_aligns(objective):
    _, inds, masks = views()
    torch.manual_seed(0)
    z = [torch.randn(2, n, 8, requires_grad=True) for n in (6, 4)]
    loss = AlignmentLoss(objective=objective, symmetric=True)
    optimizer = torch.optim.Adam(z, lr=0.05)
    start = loss.match(tuple(z), inds, masks).item()
    for _ in range(150):
        optimizer.zero_grad()
        loss.match(tuple(z), inds, masks).backward()
        optimizer.step()
    assert loss.match(tuple(z), inds, masks).item() < 0.3 * start
    if objective == "soft_label":  # The others ask for the expected match to be right.
        assert torch.equal(pairwise_distance(*z).argmin(1), inds[1].long())


@pytest.mark.parametrize(
    "option",
    [dict(objective="mse"), dict(distance="l1"), dict(scale="c"), dict(temperature=0.0)],
)
def test_bad_options_are_named(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        AlignmentLoss(**option)
