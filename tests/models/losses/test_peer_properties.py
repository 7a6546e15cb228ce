"""What holds for the losses of other methods alike; one line of the table each."""

import pytest
import torch
from tiny_losses import batch

from mmalign.models import (
    BrownianBridgeLoss,
    GTCCLoss,
    MultiCueLoss,
    SequenceContrastiveLoss,
    SmoothDTWLoss,
    VAOTLoss,
    VAVALoss,
)
from mmalign.models.data_preprocessor import ViewBatch
from tests.models.test_sequence_loss import collapsed, identical, one_frame, value


def that_drops():
    torch.manual_seed(0)
    return GTCCLoss(delta=1.0, gamma=0.5, dim=6, variance_weight=0.1)


REVERSED = dict(reversed_weight=2.0, margin=5.0)
LOSSES = {
    "SCL": SequenceContrastiveLoss,
    "SCL, single": lambda: SequenceContrastiveLoss(negatives="single"),
    "SCL, batch": lambda: SequenceContrastiveLoss(negatives="batch"),
    "VSP": BrownianBridgeLoss,
    "VSP, variance": lambda: BrownianBridgeLoss(squared_variance=False),
    "STEPs": lambda: MultiCueLoss(window=0.3),
    "STEPs, window": lambda: MultiCueLoss(cues=3, window=0.3, features=None),
    "VAOT": VAOTLoss,
    "VAOT, unbalanced": lambda: VAOTLoss(prior="time", balance=0.05, symmetric=True),
    "VAVA": VAVALoss,
    "VAVA, window": lambda: VAVALoss(window=2),
    "VAVA, AE2": lambda: VAVALoss("ae2", window=2),
    "D2TW": SmoothDTWLoss,
    "D2TW, soft_min": lambda: SmoothDTWLoss(relaxation="soft_min"),
    "GTA": lambda: SmoothDTWLoss(consistency=True),
    "D2TW, reversed": lambda: SmoothDTWLoss(pairs="ordered", **REVERSED),
    "GTCC": lambda: GTCCLoss(delta=1.0),
    "GTCC, dropped": that_drops,
}
every_loss = pytest.mark.parametrize("make", LOSSES.values(), ids=LOSSES.keys())


@pytest.fixture(autouse=True)
def bridges_that_are_not_drawn(monkeypatch):
    """Bridges of a clip by its length, whatever the order of the clips."""

    def drawn(lengths, count, span):
        last = lengths.unsqueeze(1).expand(-1, count) - 1
        head = torch.arange(count).expand_as(last) % (last - 1)
        return torch.stack([head, (head + last + 1) // 2, last], dim=2)

    monkeypatch.setattr("mmalign.models.losses.brownian_bridge_loss.draw_bridges", drawn)


def seen(given):
    """The batch, with two joints in every frame that are the latents of it."""
    for z, view in zip(*given[:2], strict=True):
        view.frames["joints"] = z.detach()[view.mask].view(-1, 2, 3)
    return given


@every_loss
def test_padding_changes_nothing(make):
    plain, gradients = value(make(), seen(batch()))
    padded, with_padding = value(make(), seen(batch(padding=7)))
    torch.testing.assert_close(padded, plain, rtol=1e-6, atol=1e-6)
    for one, other in zip(gradients, with_padding, strict=True):
        torch.testing.assert_close(other[:, : one.shape[1]], one, rtol=1e-5, atol=1e-6)
        assert (other[:, one.shape[1] :] == 0).all()


@every_loss
def test_the_order_of_the_batch_changes_nothing(make):
    z, views, samples = batch()
    order = [3, 0, 2, 1]
    turned = (
        tuple(one.detach()[order].requires_grad_() for one in z),
        tuple(ViewBatch({}, view.mask[order], view.frame_inds[order]) for view in views),
        [samples[i] for i in order],
    )
    plain, gradients = value(make(), seen((z, views, samples)))
    found, of_turned = value(make(), seen(turned))
    torch.testing.assert_close(found, plain, rtol=1e-6, atol=1e-6)
    for one, other in zip(gradients, of_turned, strict=True):
        torch.testing.assert_close(other, one[order], rtol=1e-5, atol=1e-6)


@every_loss
@pytest.mark.parametrize("given", [one_frame, identical, collapsed])
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_loss_and_gradient_are_numbers(make, given, scale):
    z, views, samples = seen(given())
    z = tuple((scale * one).detach().requires_grad_() for one in z)
    loss, gradients = value(make(), (z, views, samples))
    assert loss.isfinite()
    # A batch that is skipped leaves the other view without a gradient.
    assert all(one is None or one.isfinite().all() for one in gradients)


# What follows the latents without gradient: a number that AE2's form adds, labels, mixtures.
WITHOUT = ("VAVA, AE2", "VAOT", "VAOT, unbalanced", "GTCC", "GTCC, dropped")


@pytest.mark.parametrize("name", [name for name in LOSSES if name not in WITHOUT])
def test_the_gradient_is_that_of_the_loss(name):
    z, views, samples = seen(batch((4, 3, 5, 2), dtype=torch.float64))

    def of(*latents):
        return LOSSES[name]()(latents, views, samples)

    torch.autograd.gradcheck(of, z, fast_mode=True)


@every_loss
def test_bfloat16_latents_are_compared_in_float32(make):
    z, views, samples = seen(batch())
    low = tuple(one.detach().bfloat16() for one in z)
    expected = value(make(), (tuple(one.float().requires_grad_() for one in low), views, samples))
    found = make()(low, views, samples)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected[0], rtol=1e-6, atol=1e-6)


@every_loss
def test_it_teaches_something(make):
    loss, gradients = value(make(), seen(batch()))
    assert loss != 0 and any((one != 0).any() for one in gradients)
