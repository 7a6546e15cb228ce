"""The loss between different clips of an action."""

from itertools import combinations

import pytest
import torch

from mmalign.models import AlignmentLoss, CrossClipLoss
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.structures import AlignmentDataSample

LOSS = dict(type="AlignmentLoss", objective="soft_label")


def sample(name, action="lift"):
    return AlignmentDataSample(metainfo=dict(sample_id=name, action=action, num_frames=5))


def batch(count, frames=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    z = tuple(torch.randn(count, frames, 8, generator=generator) for _ in range(2))
    mask = torch.ones(count, frames, dtype=torch.bool)
    view = ViewBatch({}, mask, torch.arange(float(frames)).repeat(count, 1))
    return z, (view, view)


def test_nothing_is_learnt_before_a_common_time_is_known():
    z, views = batch(2)
    assert CrossClipLoss(LOSS)(z, views, [sample("a"), sample("b")]) == 0


def test_two_clips_are_matched_along_their_common_time():
    z, views = batch(2)
    times = {"a": torch.tensor([0.0, 1, 2, 3, 8]), "b": torch.tensor([0.0, 3, 5, 7, 8])}
    loss = CrossClipLoss(LOSS, stride=1, loss_weight=0.5)
    loss.common_times = times
    mask = views[0].mask[:1]
    pair = (times["a"][None], times["b"][None]), (mask, mask)
    expected = AlignmentLoss("soft_label").match((z[0][:1], z[1][1:]), *pair)
    found = loss(z, views, [sample("a"), sample("b")])
    torch.testing.assert_close(found, 0.5 * expected)


def test_a_stride_leaves_frames_out():
    z, views = batch(2)
    loss = CrossClipLoss(LOSS, stride=2)
    loss.common_times = {name: torch.arange(5.0) for name in "ab"}
    inds, mask = views[0].frame_inds[:1], views[0].mask[:1]
    plain = AlignmentLoss("soft_label")

    def with_offsets(m, n):
        kept = slice(m, None, 2), slice(n, None, 2)
        parts = [(z[0][:1, kept[0]], z[1][1:, kept[1]])]
        parts += [tuple(values[:, k] for k in kept) for values in (inds, mask)]
        return plain.match(*parts).item()

    possible = [with_offsets(m, n) for m in (0, 1) for n in (0, 1)]
    found = {round(loss(z, views, [sample("a"), sample("b")]).item(), 5) for _ in range(40)}
    assert found == {round(value, 5) for value in possible}


def test_times_are_interpolated_at_the_frames_of_a_view():
    loss = CrossClipLoss(LOSS)
    loss.common_times = {"a": torch.tensor([0.0, 2.0, 6.0])}
    view = ViewBatch({}, torch.ones(1, 3, dtype=torch.bool), torch.tensor([[0.5, 1.0, 2.0]]))
    torch.testing.assert_close(loss.times(view, [sample("a")]), torch.tensor([[1.0, 2.0, 6.0]]))


def test_pairs_are_of_one_action_and_of_two_samples():
    samples = [sample(str(i), "lift" if i % 3 else "throw") for i in range(8)]
    loss = CrossClipLoss(LOSS)
    loss.common_times = {str(i): torch.arange(5.0) for i in range(8) if i != 5}
    pairs = [tuple(pair) for pair in loss.make_pairs(samples).T.tolist()]
    assert len(set(pairs)) == 6 + 3  # Of the two actions 4 and 3 samples have a time.
    for a, b in pairs:
        assert a < b and samples[a].action == samples[b].action and 5 not in (a, b)


def test_a_clip_alone_of_its_action_has_nobody_to_learn_from():
    z, views = batch(2)
    loss = CrossClipLoss(LOSS)
    loss.common_times = {"a": torch.arange(5.0), "b": torch.arange(5.0)}
    assert loss(z, views, [sample("a"), sample("b", "throw")]) == pytest.approx(0.0)


def test_a_clip_of_one_frame_gives_no_nan():
    z, views = batch(2)
    views[0].mask[0, 1:] = False
    loss = CrossClipLoss(LOSS, stride=3)
    loss.common_times = {name: torch.arange(5.0) for name in "ab"}
    for _ in range(20):
        assert loss(z, views, [sample("a"), sample("b")]).isfinite()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_is_a_plain_loop_over_pairs_to_the_last_bit(dtype):
    z, views = batch(4, 9)
    views[0].mask[1, 6:] = False
    z = tuple(one.to(dtype).requires_grad_() for one in z)
    loss = CrossClipLoss(dict(LOSS, loss_weight=0.3), stride=3, loss_weight=0.7)
    loss.common_times = {name: torch.linspace(0, 8, 9).square() for name in "abcd"}
    samples = [sample(name, action) for name, action in zip("abcd", "xyxx", strict=True)]

    torch.manual_seed(0)
    first = torch.tensor(list(combinations((0, 2, 3), 2))).T
    parts = []
    for one, view, of_pair in zip(z, views, first, strict=True):
        kept = slice(int(torch.randint(3, ())), None, 3)
        times = loss.times(view, samples)
        parts.append([values[of_pair, kept] for values in (one, times, view.mask)])
    match = loss.loss_fn.match(*zip(*parts, strict=True))
    expected = 0.7 * (0.3 * match)
    gradients = torch.autograd.grad(expected, z)

    torch.manual_seed(0)
    found = loss(z, views, samples)
    assert torch.equal(found, expected)
    for one, other in zip(torch.autograd.grad(found, z), gradients, strict=True):
        assert torch.equal(one, other)
