"""D2TW, GTA and AE2's contrast: known answers, and their options."""

import pytest
import torch
from peer_cases import check, every_precision
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.smooth_dtw import smooth_dtw
from mmalign.functional.soft_dtw import soft_dtw
from mmalign.models import SmoothDTWLoss

RELAXATIONS = dict(prob="prob", min_gamma="soft_min")


def whole(*clips):
    return tuple(torch.ones(z.shape[:2], dtype=torch.bool) for z in clips)


def of_pairs(loss, a, b):
    masks = whole(a, b)
    return loss.pair(a, b, *masks, None, None, *masks)


def loss_of(params, **options):
    relaxation = RELAXATIONS[params["relaxation"]]
    return SmoothDTWLoss(params["gamma_f"], params["gamma_s"], relaxation, **options)


def pairs_of(embeddings):
    """Pairs ``(B, 2, T, D)``; or clips ``(B, T, D)``, of which the first is one of all pairs."""
    if embeddings.ndim == 4:
        return embeddings.unbind(1)
    return embeddings[:1].expand(len(embeddings) - 1, -1, -1), embeddings[1:]


@every_precision
@pytest.mark.parametrize("name", ["d2tw_batch", "d2tw_min_gamma", "gta_d2tw"])
def test_known_costs(name, precision):
    def compute(params, embeddings):
        return params["scale"] * of_pairs(loss_of(params), *pairs_of(embeddings))

    check(name, compute, precision)


@every_precision
def test_known_cost_of_clips_of_unequal_length(precision):
    def compute(params, a, b):
        return of_pairs(loss_of(params), a[None], b[None])

    check("d2tw_unequal", compute, precision)


@every_precision
def test_known_table_of_costs_that_are_not_normalised(precision):
    def compute(params, a, b):
        lengths = (torch.tensor([len(one)]) for one in (a, b))
        return soft_dtw((a @ b.T)[None], *lengths, params["gamma_s"], params["relaxation"]).sum()

    check("d2tw_unequal_no_norm", compute, precision)


@every_precision
@pytest.mark.parametrize("name", ["d2tw_consistency", "gta_consistency"])
def test_known_cycles(name, precision):
    def compute(params, embeddings):
        loss = loss_of(params, consistency=True, label_smoothing=params["label_smoothing"])
        return params["scale"] * of_pairs(loss, *pairs_of(embeddings))

    check(name, compute, precision)


@every_precision
def test_known_contrast_with_the_reverse(precision):
    def compute(params, embeddings, positions):
        chosen = embeddings.gather(2, positions.long().unsqueeze(3).expand(-1, -1, -1, 6)).unbind(1)
        margin = params["beta"] / params["scale"]
        loss = loss_of(params, reversed_weight=params["ratio"], margin=margin)
        # The authors choose frames by labels.
        loss.contrasted = lambda z, masks: (chosen, whole(*chosen))
        return params["scale"] * of_pairs(loss, *embeddings.unbind(1))

    check("d2tw_reversed", compute, precision)


def test_a_reversed_clip_that_costs_less_is_punished():
    z = torch.eye(6)[None]
    loss = SmoothDTWLoss(reversed_weight=2.0, margin=1.0)
    forwards, backwards = (smooth_dtw((z, other), whole(z, z))[0] for other in (z, z.flip(1)))
    torch.testing.assert_close(of_pairs(loss, z, z), forwards.sum())
    punished = backwards + 2 * (backwards - forwards + 1)
    torch.testing.assert_close(of_pairs(loss, z, z.flip(1)), punished.sum())


def test_halves_are_drawn_for_each_pair():
    given = batch((12,) * 8, "a" * 8, views=1)
    loss = SmoothDTWLoss(reversed_weight=1.0, halves=True)
    found = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        found.append(loss(*given).item())
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    "option",
    [dict(temperature=0), dict(gamma=0), dict(relaxation="min_gamma"), dict(label_smoothing=1.0)],
)
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected"):
        SmoothDTWLoss(**option)
