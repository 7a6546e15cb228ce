"""The readout: principal components, and memberships of prototypes beside them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from mmalign.models.readout import Readout


def frames_of(seed, count=300, dims=20):
    """Frames whose variance falls from channel to channel."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(count, dims)) * 0.7 ** np.arange(dims)
    return (mixed @ np.linalg.qr(rng.normal(size=(dims, dims)))[0] + 3).astype(np.float32)


def fitted(frames, *arguments):
    readout = Readout(frames.shape[1], *arguments)
    readout.fit(frames)
    assert readout.fitted
    return readout


def test_distances_are_those_of_the_largest_components():
    frames = frames_of(0)
    features = fitted(frames, 5)(torch.from_numpy(frames)).numpy()
    centred = frames - frames.mean(axis=0)
    _, _, rows = np.linalg.svd(centred, full_matrices=False)
    projected = centred @ rows[:5].T
    unit = np.sqrt(projected.var(axis=0, ddof=1).sum())
    np.testing.assert_allclose(features @ features.T, projected @ projected.T / unit**2, atol=1e-4)
    assert features.shape == (300, 5)
    assert features.var(axis=0, ddof=1).sum() == pytest.approx(1, abs=1e-3)


def test_memberships_are_the_formula():
    frames = frames_of(1)
    readout = fitted(frames, 4, 7, 0.5)
    features = readout(torch.from_numpy(frames)).double().numpy()
    x, scaled = features[:, :4], features[:, 4:]
    centres, width = readout.prototypes.double().numpy(), float(readout.width)
    squared = ((x[:, None] - centres) ** 2).sum(axis=2)
    weights = np.exp(-squared / (2 * width**2))
    expected = weights / weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scaled / float(readout.scale), expected, atol=1e-4)
    assert width == pytest.approx(np.median(np.sqrt(squared.min(axis=1))), rel=1e-2)
    assert np.sqrt(scaled.var(axis=0).sum()) == pytest.approx(0.5, abs=1e-3)
    # Each centre is the mean of the frames that are nearest to it.
    for k in range(7):
        of_it = x[squared.argmin(axis=1) == k]
        np.testing.assert_allclose(of_it.mean(axis=0), centres[k], atol=0.02)


def test_a_linear_model_of_memberships_follows_a_bent_line_and_does_not_run_away():
    along = np.linspace(0, 1, 400)
    turn = np.stack([np.cos(6 * along), np.sin(6 * along)], axis=1).astype(np.float32)
    readout = fitted(turn, 2, 32)
    features = readout(torch.from_numpy(turn)).numpy()
    score = [LinearRegression().fit(part, along).score(part, along) for part in (turn, features)]
    assert score[0] < 0.9 < 0.99 < score[1]
    model = LinearRegression().fit(features[:, 2:], along)
    far = model.predict(readout(torch.from_numpy(turn[::40] * 50)).numpy()[:, 2:])
    np.testing.assert_allclose(far, along[::40], atol=0.05)


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(2, 12),
    prototypes=st.sampled_from([0, 2, 9, 30]),
    distinct=st.booleans(),
    shape=st.sampled_from([(), (3,), (2, 4)]),
)
def test_few_or_equal_frames_are_no_trouble(count, prototypes, distinct, shape):
    frames = frames_of(count, count, 6)
    if not distinct:
        frames[:] = frames[0]
    features = fitted(frames, 3, prototypes)(torch.ones(*shape, 6))
    assert features.shape == (*shape, 3 + prototypes)
    assert features.dtype == torch.float32 and features.isfinite().all()


def test_it_is_kept_with_the_weights():
    frames = frames_of(3)
    readout = fitted(frames, 4, 5)
    again = Readout(20, 4, 5)
    again.load_state_dict(readout.state_dict())
    assert torch.equal(again(torch.from_numpy(frames)), readout(torch.from_numpy(frames)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "num_components must be 1 to 8, found 0"),
        ((9,), "num_components must be 1 to 8, found 9"),
        ((4, 1), "num_prototypes must be 0 or at least 2, found 1"),
        ((4, 2, 0.0), "prototype_weight must be positive, found 0.0"),
    ],
)
def test_numbers_out_of_range_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Readout(8, *arguments)
