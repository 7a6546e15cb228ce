"""Matching and losses against loops over Eq. 3 and 4."""

import math

import numpy as np
import pytest
import torch

from mmalign.functional.matching import (
    contrastive_regression,
    correspondence,
    expected_squared_error,
    match_probabilities,
    pairwise_distance,
    soft_label_cross_entropy,
)


def loop_regression(z_a, z_b, inds_a, inds_b, temperature, normalize):
    """Eq. 3 and 4 for one pair, frame by frame, in float64; distances scaled by sqrt(D)."""
    total, count = 0.0, 0
    for j in range(len(z_b)):
        if not inds_a[0] <= inds_b[j] <= inds_a[-1]:
            continue
        weights = [
            math.exp(-math.dist(z_a[i], z_b[j]) / math.sqrt(z_a.shape[1]) / temperature)
            for i in range(len(z_a))
        ]
        predicted = sum(i * w for i, w in enumerate(weights)) / sum(weights)
        target = np.interp(inds_b[j], inds_a, np.arange(len(inds_a)))
        error = (predicted - target) / (len(z_a) if normalize else 1)
        total, count = total + error**2, count + 1
    return total / max(count, 1)


def random_batch(seed=0):
    """Two pairs of different lengths: per pair the unpadded arrays, and the padded batch."""
    rng = np.random.default_rng(seed)
    pairs, lengths_a, lengths_b = [], (7, 4), (5, 6)
    for m, n in zip(lengths_a, lengths_b, strict=True):
        inds_a = np.sort(rng.choice(np.arange(3, 30), m, replace=False)).astype(np.float64)
        inds_b = np.sort(rng.uniform(0, 32, n))
        pairs.append((rng.normal(size=(m, 8)), rng.normal(size=(n, 8)), inds_a, inds_b))
    padded = [
        torch.nn.utils.rnn.pad_sequence([torch.tensor(p[k]) for p in pairs], True) for k in range(4)
    ]
    masks = [torch.arange(max(x)) < torch.tensor(x)[:, None] for x in (lengths_a, lengths_b)]
    return pairs, padded, masks


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_regression_equals_a_loop_whatever_the_padding(normalize, temperature):
    pairs, (z_a, z_b, inds_a, inds_b), (mask_a, mask_b) = random_batch()
    distances = pairwise_distance(z_a, z_b)
    loss = contrastive_regression(distances, inds_a, inds_b, mask_a, mask_b, temperature, normalize)
    expected = [loop_regression(*pair, temperature, normalize) for pair in pairs]
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-5)


def test_expected_error_is_the_regression_plus_the_variance_of_the_match():
    _, (z_a, z_b, inds_a, inds_b), (mask_a, mask_b) = random_batch()
    distances = pairwise_distance(z_a, z_b)
    views = (distances, inds_a, inds_b, mask_a, mask_b)
    weights = match_probabilities(distances, mask_a)
    index = torch.arange(7.0).double()
    mean = torch.einsum("m,bmn->bn", index, weights)
    variance = torch.einsum("m,bmn->bn", index**2, weights) - mean**2
    inside = correspondence(inds_a, inds_b, mask_a)[1] & mask_b
    expected = contrastive_regression(*views, normalize=False)
    expected = expected + (variance * inside).sum(1) / inside.sum(1)
    torch.testing.assert_close(expected_squared_error(*views, normalize=False), expected)


def test_padding_with_rubbish_changes_nothing():
    _, (z_a, z_b, inds_a, inds_b), (mask_a, mask_b) = random_batch()
    for function in (contrastive_regression, expected_squared_error, soft_label_cross_entropy):
        loss = function(pairwise_distance(z_a, z_b), inds_a, inds_b, mask_a, mask_b)
        bad_a, bad_b = z_a.clone(), z_b.clone()
        bad_a[~mask_a], bad_b[~mask_b] = 1e3, -1e3
        again = function(pairwise_distance(bad_a, bad_b), inds_a, inds_b, mask_a, mask_b)
        torch.testing.assert_close(loss, again, rtol=1e-5, atol=0)


def test_probabilities_sum_to_one_over_the_real_frames():
    _, (z_a, z_b, *_), (mask_a, _) = random_batch()
    weights = match_probabilities(pairwise_distance(z_a, z_b), mask_a)
    torch.testing.assert_close(weights.sum(1), torch.ones_like(weights.sum(1)))
    assert (weights[1, 4:] == 0).all()


def test_correspondence_is_numpy_interp_with_a_range():
    pairs, (_, _, inds_a, inds_b), (mask_a, mask_b) = random_batch(3)
    position, inside = correspondence(inds_a, inds_b, mask_a)
    for row, (_, _, a, b) in enumerate(pairs):
        np.testing.assert_allclose(
            position[row, : len(b)].clamp(0, len(a) - 1),
            np.interp(b, a, np.arange(len(a))),
            atol=1e-6,
        )
        np.testing.assert_array_equal(inside[row, : len(b)], (b >= a[0]) & (b <= a[-1]))


def test_correspondence_of_a_view_with_itself_is_the_identity():
    inds = torch.tensor([[2.0, 3.5, 9.0]])
    position, inside = correspondence(inds, inds, torch.ones(1, 3, dtype=torch.bool))
    torch.testing.assert_close(position, torch.tensor([[0.0, 1.0, 2.0]]))
    assert inside.all()


def test_views_that_do_not_overlap_give_no_loss():
    z = torch.randn(1, 3, 4)
    mask = torch.ones(1, 3, dtype=torch.bool)
    early, late = torch.tensor([[0.0, 1, 2]]), torch.tensor([[10.0, 11, 12]])
    loss = contrastive_regression(pairwise_distance(z, z), early, late, mask, mask)
    assert loss.item() == 0


@pytest.mark.parametrize(
    ("distance", "scale", "expected"),
    [
        ("euclidean", "none", 5.0),
        ("euclidean", "sqrt_dim", 5 / math.sqrt(2)),
        ("euclidean", "casa", 5 / 2**1.5),
        ("sqeuclidean", "none", 25.0),
        ("sqeuclidean", "sqrt_dim", 12.5),
        ("cosine", "none", 1 - 3 / 5),
    ],
)
def test_distances(distance, scale, expected):
    z_a = torch.tensor([[[4.0, 6.0]]]) if distance != "cosine" else torch.tensor([[[3.0, 4.0]]])
    z_b = torch.tensor([[[1.0, 2.0]]]) if distance != "cosine" else torch.tensor([[[1.0, 0.0]]])
    assert pairwise_distance(z_a, z_b, distance, scale).item() == pytest.approx(expected, rel=1e-4)


def test_unknown_distance_is_named():
    with pytest.raises(ValueError, match="distance"):
        pairwise_distance(torch.zeros(1, 1, 2), torch.zeros(1, 1, 2), "manhattan")


def test_distance_of_equal_frames_has_a_finite_gradient():
    z = torch.ones(1, 2, 4, requires_grad=True)
    pairwise_distance(z, z.detach()).sum().backward()
    assert torch.isfinite(z.grad).all()


def test_soft_labels_are_least_for_the_true_match():
    inds = torch.arange(6.0)[None]
    mask = torch.ones(1, 6, dtype=torch.bool)
    z = torch.eye(6)[None] * 10
    right = soft_label_cross_entropy(pairwise_distance(z, z), inds, inds, mask, mask, label_std=0.1)
    wrong = soft_label_cross_entropy(
        pairwise_distance(z, z.roll(1, 1)), inds, inds, mask, mask, label_std=0.1
    )
    assert right.item() < 1e-3 < wrong.item()
