"""VAOT's loss: known answers, and its options."""

import pytest
import torch
from peer_cases import check, every_precision, known
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.vaot import label_cross_entropy, pseudo_labels
from mmalign.models import VAOTLoss

RENAMED = dict(eps="epsilon", sinkhorn_rounds="rounds", lambda_y="balance", unbalanced=None)


def labels_of(params, a, b):
    options = {RENAMED.get(name, name): value for name, value in params.items()}
    temperature, _ = options.pop("temperature"), options.pop(None, None)
    masks = tuple(torch.ones(x.shape[:2], dtype=torch.bool) for x in (a, b))
    places = tuple((torch.arange(x.shape[1], dtype=a.dtype) / x.shape[1])[None] for x in (a, b))
    similarity = a @ b.transpose(1, 2)
    return similarity, pseudo_labels(similarity, places, masks, **options), masks, temperature


# Left out: vaot_masked, whose softmax, mean and prior take padding for frames; ours must differ.
CASES = pytest.mark.parametrize("name", ["vaot_defaults", "vaot_radius", "vaot_unbalanced_y"])


@every_precision
@CASES
def test_known_answers(name, precision):
    def compute(params, a, b):
        return label_cross_entropy(*labels_of(params, a, b)).mean()

    check(name, compute, precision)


@CASES
def test_known_plans(name):
    case, arrays = known(name)
    a, b = (torch.from_numpy(arrays[case["inputs"][key]]) for key in "ab")
    plan = torch.from_numpy(arrays[f"{name}.plan"])
    torch.testing.assert_close(labels_of(case["params"], a, b)[1], plan, rtol=1e-6, atol=1e-12)


def test_padding_is_no_frame_as_it_is_in_the_published_code():
    case, arrays = known("vaot_masked")
    a, b, *masks = (torch.from_numpy(arrays[where]) for where in case["inputs"].values())
    ma, mb = (mask > 0 for mask in masks)
    places = tuple(torch.arange(m.shape[1]) / m.sum(1, keepdim=True) for m in (ma, mb))
    similarity = a @ b.transpose(1, 2)
    labels = pseudo_labels(similarity, places, (ma, mb), radius=case["params"]["radius"])
    ours = label_cross_entropy(similarity, labels, (ma, mb))
    assert ours.item() != pytest.approx(case["expected"], rel=0.01)


def test_symmetric_is_the_mean_of_both_directions():
    given = batch((9, 6), "aa", views=1)
    one, both = VAOTLoss(pairs="ordered"), VAOTLoss(pairs="all", symmetric=True)
    torch.testing.assert_close(both(*given), one(*given))


def test_the_prior_by_time_is_that_by_order_if_frames_are_regular():
    z, views, samples = batch((8, 8), "aa", views=1)
    losses = [VAOTLoss(pairs="ordered", prior=prior) for prior in ("order", "time")]
    views[0].frame_inds = views[0].frame_inds * 2  # Every other of 16 frames.
    torch.testing.assert_close(*(loss(z, views, samples) for loss in losses))
    views[0].frame_inds = views[0].frame_inds ** 2 / 16
    assert not torch.isclose(*(loss(z, views, samples) for loss in losses))


@pytest.mark.parametrize(
    "option",
    [
        dict(temperature=0),
        dict(radius=0),
        dict(epsilon=-1),
        dict(iterations=0),
        dict(rounds=0),
        dict(alpha=1.5),
        dict(prior="place"),
    ],
)
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected"):
        VAOTLoss(**option)


def test_the_gradient_is_that_of_the_cross_entropy_with_its_labels():
    similarity = torch.rand(2, 4, 5, dtype=torch.float64, requires_grad=True)
    counts = torch.tensor([[4], [2]]), torch.tensor([[3], [5]])
    masks = tuple(torch.arange(n) < count for n, count in zip((4, 5), counts, strict=True))
    places = tuple(torch.arange(m.shape[1]) / m.sum(1, keepdim=True) for m in masks)
    labels = pseudo_labels(similarity, places, masks)
    assert not labels.requires_grad
    torch.autograd.gradcheck(lambda s: label_cross_entropy(s, labels, masks), similarity)
