"""TCC, TCN, SAL and LAV give the values and gradients of the public code."""

from __future__ import annotations

import pytest
import torch
from peer_cases import PRECISIONS, check
from torch import nn

from mmalign.functional.time_contrast import n_pairs
from mmalign.models import (
    ContrastiveIDMLoss,
    CycleConsistencyLoss,
    OrderVerificationLoss,
    SoftDTWLoss,
)
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.structures import AlignmentDataSample

every_precision = pytest.mark.parametrize("precision", PRECISIONS)
ALL = dict(sampler="all")


def one_view(clips, times, lengths):
    """A batch ``(z, views, samples)`` of clips of different lengths."""
    longest = max(len(clip) for clip in clips)
    mask = torch.tensor([[i < len(clip) for i in range(longest)] for clip in clips])
    z, inds = (
        nn.utils.rnn.pad_sequence(list(values), batch_first=True) for values in (clips, times)
    )
    samples = [
        AlignmentDataSample(
            metainfo=dict(sample_id=str(i), action="lift", num_frames=float(length), fps=30.0)
        )
        for i, length in enumerate(lengths)
    ]
    return (z,), (ViewBatch({}, mask, inds),), samples


def cycle_loss(params):
    """The loss that a case describes."""
    return CycleConsistencyLoss(
        normalize_times=params["normalize_indices"],
        frames=ALL,
        **{
            key: params[key]
            for key in (
                "kind", "similarity", "temperature", "variance_lambda", "huber_delta",
                "label_smoothing", "normalize_embeddings",
            )
            if key in params
        },
    )  # fmt: skip


@every_precision
@pytest.mark.parametrize(
    "name",
    [
        "tcc_mse_var", "tcc_mse", "tcc_huber", "tcc_mse_var_raw_indices", "tcc_mse_var_cosine",
        "tcc_mse_var_unit", "tcc_classification", "tcc_classification_cosine",
    ],
)  # fmt: skip
def test_cycle_consistency(name, precision):
    def loss(embeddings, frame_inds, lengths, params):
        return cycle_loss(params)(*one_view(embeddings, frame_inds, lengths))

    check(name, loss, precision)


@every_precision
def test_cycle_consistency_of_clips_of_different_lengths(precision):
    def loss(a, b, times_a, times_b, params):
        return cycle_loss(params)(*one_view((a, b), (times_a, times_b), (1.0, 1.0)))

    check("tcc_pair_unequal", loss, precision)


@every_precision
@pytest.mark.parametrize("name", ["tcc_stochastic", "tcc_stochastic_classification"])
def test_stochastic_cycles(name, precision):
    def loss(embeddings, frame_inds, lengths, params):
        cycles, starts = torch.tensor(params["cycles"]), torch.tensor(params["start_frames"])
        mask = torch.ones(embeddings.shape[:2], dtype=torch.bool)
        given = embeddings, frame_inds, lengths, mask, cycles, starts
        return cycle_loss(params).cycles(*given)

    check(name, loss, precision)


def time_contrast(embeddings, params):
    a, p = embeddings[:, ::2], embeddings[:, 1::2]
    mask = torch.ones(a.shape[:2], dtype=torch.bool)
    return n_pairs(a, p, mask, params["reg_lambda"]).mean()


@every_precision
def test_time_contrast(precision):
    check(
        "tcn_single", lambda embeddings, params: time_contrast(embeddings[None], params), precision
    )
    check("tcn_batch", time_contrast, precision)


@every_precision
def test_cycle_consistency_with_time_contrast(precision):
    def loss(embeddings, frame_inds, lengths, params):
        first = params["first_row_of_tcc_per_clip"]
        rows = [
            torch.stack([clip[row::2] for clip, row in zip(values, first, strict=True)])
            for values in (embeddings, frame_inds)
        ]
        cycles = cycle_loss(params)(*one_view(*rows, lengths))
        contrast = time_contrast(embeddings, dict(reg_lambda=0.002))
        weights = params["weights"]
        return weights["tcc"] * cycles + weights["tcn"] * contrast

    check("tcc_tcn", loss, precision)


@every_precision
@pytest.mark.parametrize("name", ["sal", "sal_smoothed"])
def test_order_verification(name, precision):
    def loss(embeddings, triplets, labels, w1, b1, w2, b2, w3, b3, params):
        made = OrderVerificationLoss(4, (7, 5), label_smoothing=params["label_smoothing"])
        linear = [layer for layer in made.head if isinstance(layer, nn.Linear)]
        for layer, weight, bias in zip(linear, (w1, w2, w3), (b1, b2, b3), strict=True):
            layer.weight, layer.bias = nn.Parameter(weight.T.detach()), nn.Parameter(bias.detach())
        return made.verify(embeddings, torch.arange(len(triplets)) % 2, triplets, labels)

    check(name, loss, precision)


@every_precision
@pytest.mark.parametrize("name", ["lav_equal", "lav_unequal", "lav_sdtw_divergence"])
def test_lav(name, precision):
    def loss(a, b, times_a, times_b, lengths, params):
        inds = [
            (times * length).round()
            for times, length in zip((times_a, times_b), lengths, strict=True)
        ]
        batch = one_view((a, b), inds, lengths)
        frames = dict(sampler="all", num_frames=params["num_frames"])
        warping = SoftDTWLoss(params["gamma"], params["divergence"], frames=frames)
        contrast = ContrastiveIDMLoss(
            params["sigma"], params["margin"], frames=frames, loss_weight=2 * params["alpha"]
        )
        return warping(*batch) + contrast(*batch)

    check(name, loss, precision)


@every_precision
def test_soft_dtw(precision):
    def loss(a, b, params):
        times = [torch.arange(float(len(clip))) for clip in (a, b)]
        frames = dict(sampler="all", num_frames=1)
        return SoftDTWLoss(params["gamma"], frames=frames)(*one_view((a, b), times, (20, 20)))

    check("lav_softdtw_only", loss, precision)
