"""What holds for the losses of other methods: a row of ``LOSSES`` each."""

from __future__ import annotations

import pytest
import torch
from tiny_losses import batch

from mmalign.models import (
    BrownianBridgeLoss,
    ContrastiveIDMLoss,
    CycleConsistencyLoss,
    GTCCLoss,
    MultiCueLoss,
    OrderVerificationLoss,
    PairLoss,
    SequenceContrastiveLoss,
    SmoothDTWLoss,
    SoftDTWLoss,
    TimeContrastiveLoss,
    VAOTLoss,
    VAVALoss,
)
from mmalign.models.data_preprocessor import ViewBatch

ALL = dict(sampler="all", num_frames=20)

# By name, how the loss of latents with 6 channels is made.
LOSSES = {
    **{
        f"TCC, {kind}, {similarity}": lambda kind=kind, similarity=similarity: CycleConsistencyLoss(
            kind, similarity, frames=ALL
        )
        for kind in ("mse_var", "mse", "huber", "classification")
        for similarity in ("l2", "cosine")
    },
    "TCC, drawn frames": lambda: CycleConsistencyLoss(frames=dict(sampler="uniform", num_frames=5)),
    "TCC, cycles": lambda: CycleConsistencyLoss(cycle_length=2, frames=ALL),
    # A window of one frame leaves nothing to chance.
    "TCN": lambda: TimeContrastiveLoss(window=1, frames=ALL),
    "TCN, drawn frames": lambda: TimeContrastiveLoss(frames=dict(sampler="uniform", num_frames=5)),
    "TCN, seconds": lambda: TimeContrastiveLoss(1 / 6, time_unit="seconds", frames=ALL),
    "SAL": lambda: OrderVerificationLoss(6, (5, 4)),
    "soft-DTW": lambda: SoftDTWLoss(frames=ALL),
    "soft-DTW, divergence": lambda: SoftDTWLoss(divergence=True, pairs="ordered", frames=ALL),
    "soft-DTW, unit": lambda: SoftDTWLoss(normalize_embeddings=True, frames=ALL),
    "contrastive IDM": lambda: ContrastiveIDMLoss(sigma=3, margin=20, frames=ALL),
    **{
        f"SCL, {negatives}": lambda negatives=negatives: SequenceContrastiveLoss(
            negatives=negatives
        )
        for negatives in ("single_noself", "single", "batch")
    },
    "VSP": BrownianBridgeLoss,
    "VSP, variance": lambda: BrownianBridgeLoss(squared_variance=False),
    "STEPs": lambda: MultiCueLoss(window=0.3),
    "STEPs, by time": lambda: MultiCueLoss(cues=3, window=0.3, features=None),
    "VAOT": VAOTLoss,
    "VAOT, unbalanced": lambda: VAOTLoss(prior="time", balance=0.05, symmetric=True),
    "VAVA": lambda: VAVALoss(window=2),
    "VAVA, AE2": lambda: VAVALoss("ae2", window=2),
    "D2TW": SmoothDTWLoss,
    "D2TW, soft_min": lambda: SmoothDTWLoss(relaxation="soft_min"),
    "D2TW, reversed": lambda: SmoothDTWLoss(reversed_weight=2.0, margin=5.0, pairs="ordered"),
    "GTA": lambda: SmoothDTWLoss(consistency=True),
    "GTCC": lambda: GTCCLoss(delta=1.0),
    "GTCC, dropped": lambda: GTCCLoss(delta=1.0, gamma=0.5, dim=6, variance_weight=0.1),
}
# What is drawn is drawn clip by clip: in another order of the batch, other frames.
DRAWN = {"TCC, drawn frames", "TCC, cycles", "TCN, drawn frames", "TCN, seconds", "SAL",
         "VSP", "VSP, variance"}  # fmt: skip
# What follows the latents without gradient: labels, mixtures, a number that AE2's form adds.
DETACHED = {"VAOT", "VAOT, unbalanced", "GTCC", "GTCC, dropped", "VAVA, AE2"}

every_loss = pytest.mark.parametrize("name", LOSSES)
every_undrawn_loss = pytest.mark.parametrize("name", [name for name in LOSSES if name not in DRAWN])
every_differentiable_loss = pytest.mark.parametrize(
    "name", [name for name in LOSSES if name not in DETACHED]
)
every_pair_loss = pytest.mark.parametrize(
    "name",
    [
        name
        for name, make in LOSSES.items()
        if isinstance(make(), PairLoss) and make().pairs != "views"
    ],
)


def made(name, dtype=torch.float32):
    """The loss, its parameters the same each time."""
    torch.manual_seed(1)
    return LOSSES[name]().to(dtype)


def value(name, given, seed=0):
    """The loss and its gradients, the draws fixed."""
    loss = made(name, given[0][0].dtype)
    torch.manual_seed(seed)
    found = loss(*given)
    return found.detach(), torch.autograd.grad(found, given[0], allow_unused=True)


def reordered(given, order):
    """The clips of a batch in another order."""
    z, views, samples = given
    turned = []
    for view in views:
        joints = view.frames["joints"].split(view.mask.sum(1).tolist())
        frames = dict(joints=torch.cat([joints[i] for i in order]))
        turned.append(ViewBatch(frames, view.mask[order], view.frame_inds[order]))
    latents = tuple(one.detach()[order].requires_grad_() for one in z)
    return latents, tuple(turned), [samples[i] for i in order]


def one_frame():
    return batch(lengths=(1, 1, 1, 1))


def identical():
    z, views, samples = batch(lengths=(8, 8, 8, 8))
    return tuple(one.detach()[:1].repeat(4, 1, 1).requires_grad_() for one in z), views, samples


def collapsed():
    z, views, samples = batch()
    return tuple(torch.ones_like(one).requires_grad_() for one in z), views, samples


@every_loss
@pytest.mark.parametrize("views", [1, 2])
def test_padding_changes_nothing(name, views):
    if views < made(name).num_views:
        pytest.skip("it compares views")
    made_in = dict(views=views, dtype=torch.float64)
    plain, gradients = value(name, batch(**made_in))
    padded, with_padding = value(name, batch(**made_in, padding=7))
    assert plain != 0
    torch.testing.assert_close(padded, plain, rtol=1e-6, atol=1e-9)
    for one, other in zip(gradients, with_padding, strict=True):
        if one is not None:
            torch.testing.assert_close(other[:, : one.shape[1]], one, rtol=1e-6, atol=1e-9)
            assert (other[:, one.shape[1] :] == 0).all()


@every_undrawn_loss
def test_the_order_of_the_batch_changes_nothing(name):
    given, order = batch(dtype=torch.float64), [3, 0, 2, 1]
    plain, gradients = value(name, given)
    found, of_reordered = value(name, reordered(given, order))
    torch.testing.assert_close(found, plain, rtol=1e-6, atol=1e-6)
    for one, other in zip(gradients, of_reordered, strict=True):
        if one is not None:
            torch.testing.assert_close(other, one[order], rtol=1e-5, atol=1e-6)


@every_differentiable_loss
def test_the_gradient_is_that_of_the_loss(name):
    z, views, samples = batch(lengths=(5, 3, 6, 5), dtype=torch.float64)
    loss = made(name, torch.float64)

    def of(*latents):
        torch.manual_seed(0)
        return loss(latents, views, samples)

    torch.autograd.gradcheck(of, z, fast_mode=True)


@every_loss
@pytest.mark.parametrize("given", [one_frame, identical, collapsed])
def test_loss_and_gradient_are_numbers(name, given):
    found, gradients = value(name, given())
    assert found.isfinite()
    assert all(one is None or one.isfinite().all() for one in gradients)


@every_loss
def test_mixed_precision_changes_nothing(name):
    z, views, samples = batch()
    low = tuple(one.detach().bfloat16() for one in z)
    expected = value(name, (tuple(one.float().requires_grad_() for one in low), views, samples))[0]
    loss = made(name)
    torch.manual_seed(0)
    with torch.autocast("cpu", torch.bfloat16):
        found = loss(low, views, samples)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)


@every_pair_loss
def test_a_batch_without_a_pair_is_counted_and_gives_zeros(name):
    given = batch(actions="abcd")
    loss = made(name)
    found = loss(*given)
    assert found == 0 and loss.skipped == 1
    assert all((one == 0).all() for one in torch.autograd.grad(found, given[0][0]))
