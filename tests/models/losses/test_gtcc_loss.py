"""GTCC's loss: known answers for given mixtures, and its options."""

import pytest
import torch
from mmengine.logging import MessageHub
from peer_cases import check, every_precision
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.gtcc import cycle_margin, droppable, mixture_cycle_errors, standardised
from mmalign.models import GTCCLoss


def directed(params, coin, x, y, direction, chosen, gaussians, weights):
    """The sum of what the frames of ``x`` cost that go through ``y``."""
    mask, positions = torch.ones(1, len(x), dtype=torch.bool), chosen[None]
    margin = cycle_margin(positions, mask, params["delta"], torch.tensor([bool(coin)]))
    mixtures = gaussians[None], weights[None]
    options = params["temperature"], params["alignment_variance"]
    errors = mixture_cycle_errors(
        (x[None], y[None]), positions, *mixtures, margin, *options, floor=1e-6
    )
    if direction is None:
        return errors.sum()
    kept = standardised((x @ direction[:-1] + direction[-1])[None], mask)[:, chosen]
    return droppable(errors, kept, params["gamma"] ** (params["epoch"] + 1), least=0.0).sum()


@every_precision
@pytest.mark.parametrize("name", ["gtcc_k1", "gtcc_k3_margin", "gtcc_k3_drop"])
def test_known_answers(name, precision):
    def compute(params, a, b, drop_directions=(None, None), **given):
        total = 0.0
        directions = dict(a=drop_directions[1], b=drop_directions[0])
        for own, x, y, way in (("a", a, b, "ab"), ("b", b, a, "ba")):
            mixtures = given[f"gaussians_{way}"], given[f"weights_{way}"]
            coin, chosen = params["margin_coins"][own], given[f"chosen_{own}"].long()
            total = total + directed(params, coin, x, y, directions[own], chosen, *mixtures)
        return total

    check(name, compute, precision)


def test_frames_are_trusted_to_be_dropped_more_and_more():
    hub = MessageHub.get_current_instance()
    loss = GTCCLoss(gamma=0.9, dim=6)
    for epoch in (0, 9):
        hub.update_info("epoch", epoch)
        assert loss.share == pytest.approx(0.9 ** (epoch + 1))
    hub.pop_info("epoch")


def test_what_drops_frames_learns():
    loss = GTCCLoss(gamma=0.5, dim=6)
    loss(*batch()).backward()
    assert all((weight.grad != 0).any() for weight in loss.parameters())
    with pytest.raises(InputError, match="latents have 6 channels, expected dim=128; set dim"):
        GTCCLoss(gamma=0.5)(*batch())


@pytest.mark.parametrize(
    "option",
    [dict(components=0), dict(rounds=0), dict(temperature=0), dict(delta=0), dict(gamma=1.5)],
)
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected"):
        GTCCLoss(**option)
