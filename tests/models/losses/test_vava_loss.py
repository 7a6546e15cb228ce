"""VAVA's loss: known answers of AE2's form, and what the paper's changes."""

import pytest
import torch
from peer_cases import check, every_precision
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.matching import pairwise_distance
from mmalign.functional.vava import transport_loss, weight_of_consistency
from mmalign.models import VAVALoss


def everything(*clips):
    """Times, lengths and masks of clips without padding, as :meth:`PairLoss.pair` has them."""
    masks = [torch.ones(z.shape[:2], dtype=torch.bool) for z in clips]
    return *masks, None, None, *masks


@every_precision
@pytest.mark.parametrize(
    "name", ["vava_equal_step0", "vava_equal_step10000", "vava_batch_defaults"]
)
def test_known_answers(name, precision):
    def compute(params, a=None, b=None, embeddings=None):
        a, b = (a[None], b[None]) if embeddings is None else embeddings.unbind(1)
        assert params["virtual_distance"] == 5.0
        loss = VAVALoss(
            "ae2",
            params["zeta"],
            params["margin"],
            params["window"],
            params["delta_prior"],
            params["lambda1"],
            params["lambda2"],
            params["iterations"],
            weights=(0.5, 1.0, 1e-4),
        )
        loss.step += params["step"]
        return loss.pair(a, b, *everything(a, b))

    check(name, compute, precision)


@every_precision
def test_known_transport_of_clips_of_unequal_length(precision):
    def compute(params, a, b):
        squared = pairwise_distance(a[None], b[None], "sqeuclidean", "none")
        masks = everything(a[None], b[None])[:2]
        phi = weight_of_consistency(torch.tensor(params["step"]))
        return transport_loss(squared, masks, phi, "ae2")[0].sum()

    check("vava_transport_unequal", compute, precision)


def test_the_priors_trust_the_optimum_more_and_more():
    loss = VAVALoss()
    for trained in (1, 2):
        loss(*batch())
        assert loss.step == trained
    loss.eval()(*batch())
    assert loss.step == 2 and "step" in loss.state_dict()
    steps = torch.tensor([0, 1, 10_000, 1_000_000, 10**9])
    expected = torch.tensor([0.999, 0.999, 0.999**100, 0.999**1000, 0.001])
    torch.testing.assert_close(weight_of_consistency(steps), expected)


@pytest.mark.parametrize(("form", "learns"), [("paper", True), ("ae2", False)])
def test_only_the_paper_s_form_learns_by_the_contrast_between_clips(form, learns):
    z, views, samples = batch(views=1)
    loss = VAVALoss(form, weights=(0, 0, 1))(z, views, samples)
    assert loss > 0
    assert bool((torch.autograd.grad(loss, z)[0] != 0).any()) == learns


def test_the_plan_of_the_paper_is_balanced_and_its_cost_a_mean():
    z = torch.randn(2, 9, 4, dtype=torch.float64)
    masks = (torch.ones(2, 9, dtype=torch.bool), torch.arange(9) < torch.tensor([[9], [6]]))
    squared = pairwise_distance(z, z.flip(0), "sqeuclidean", "none")
    cost, plan = transport_loss(squared, masks, 0.5, iterations=200)
    assert (plan[1, :, 6:] == 0).all()
    # The virtual frame takes what is left of the share of a real one.
    assert (plan.sum(2) < 1 / 10).all() and (plan[0].sum(0) < 1 / 10).all()
    assert (plan[1, :, :6].sum(0) < 1 / 7).all()
    assert (cost > squared.amin((1, 2)).clamp_max(0.5)).all()
    assert (cost < squared.amax((1, 2))).all()


@pytest.mark.parametrize(
    "option",
    [
        dict(form="gtcc"),
        dict(width=0),
        dict(entropy=0),
        dict(iterations=0),
        dict(weights=(1.0, 1.0)),
    ],
)
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected"):
        VAVALoss(**option)
