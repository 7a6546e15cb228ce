"""What is particular to TCC, TCN, SAL and LAV."""

from __future__ import annotations

import pytest
import torch
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.order_verification import draw_triplets
from mmalign.functional.time_contrast import contrastive_idm, earlier_frames
from mmalign.models import (
    ContrastiveIDMLoss,
    CycleConsistencyLoss,
    OrderVerificationLoss,
    SoftDTWLoss,
    TimeContrastiveLoss,
)
from mmalign.structures import AlignmentDataSample


def test_triplets_are_in_order_or_have_a_frame_in_the_middle_from_outside():
    lengths = torch.tensor([5, 9, 20])
    for _ in range(20):
        clips, positions, labels = draw_triplets(lengths, per_clip=8, shuffled_share=0.75)
        assert clips.bincount().tolist() == [8, 8, 8] and labels.sum() == 18
        assert (positions < lengths[clips].unsqueeze(1)).all() and (positions >= 0).all()
        steps = positions.diff(dim=1).sign()
        in_order = steps[:, 0] == steps[:, 1]
        assert torch.equal(in_order, labels == 0) and (steps != 0).all()


def test_triplets_run_both_ways_and_shuffled_ones_take_either_end():
    _, positions, labels = draw_triplets(torch.tensor([5]), per_clip=400)
    found = {
        (*frames, label) for *frames, label in torch.cat([positions, labels[:, None]], 1).tolist()
    }
    assert found == {
        (1, 2, 3, 0), (3, 2, 1, 0), (1, 0, 3, 1), (1, 4, 3, 1), (3, 0, 1, 1), (3, 4, 1, 1),
    }  # fmt: skip


def test_order_verification_is_learned_where_order_shows():
    torch.manual_seed(0)
    z, views, samples = batch(lengths=(12, 12, 12, 12), views=1)
    z = (torch.linspace(-1, 1, 12).repeat(4, 1).unsqueeze(2).expand(-1, -1, 6),)
    loss = OrderVerificationLoss(6)
    weights = list(loss.parameters())
    first = loss(z, views, samples).item()
    for _ in range(100):
        found = loss(z, views, samples)
        with torch.no_grad():
            for weight, gradient in zip(weights, torch.autograd.grad(found, weights), strict=True):
                weight -= 0.3 * gradient
    assert found.item() < 0.3 < first


def test_clips_of_fewer_than_five_frames_verify_no_order():
    loss = OrderVerificationLoss(6)
    z, views, samples = batch(lengths=(4, 12, 3, 7), views=1)
    (gradient,) = torch.autograd.grad(loss(z, views, samples), z)
    assert [bool(of_clip.any()) for of_clip in gradient] == [False, True, False, True]
    assert loss.skipped == 0
    assert loss(*batch(lengths=(4, 1, 3, 2))) == 0 and loss.skipped == 2  # Once per view.


def test_the_order_of_clips_with_given_triplets_changes_nothing():
    loss = OrderVerificationLoss(6)
    (z,), *_ = batch(lengths=(9, 9, 9, 9), views=1)
    clips, positions, labels = draw_triplets(torch.full((4,), 9))
    order = torch.tensor([2, 0, 3, 1])
    found = loss.verify(z[order], order.argsort()[clips], positions, labels)
    torch.testing.assert_close(found, loss.verify(z, clips, positions, labels))


def test_channels_of_the_head_are_those_of_the_latents():
    with pytest.raises(InputError, match="in_channels of OrderVer.* is 128, expected 6, the chan"):
        OrderVerificationLoss()(*batch())


def test_positives_lie_in_the_window_each_as_often():
    times = torch.arange(30.0).repeat(2, 1)
    mask = torch.arange(40) < torch.tensor([[30], [20]])
    times = torch.nn.functional.pad(times, (0, 10))
    positions = torch.tensor([[12], [3]]).expand(-1, 4000)
    drawn = earlier_frames(positions, times, mask, window=5)
    shares = drawn[0].bincount(minlength=30) / 4000
    assert shares.nonzero().flatten().tolist() == [7, 8, 9, 10, 11]
    torch.testing.assert_close(shares[7:12], torch.full((5,), 0.2), rtol=0, atol=0.05)
    shares = drawn[1].bincount() / 4000  # What would lie before the first frame is the first.
    torch.testing.assert_close(shares, torch.tensor([0.6, 0.2, 0.2]), rtol=0, atol=0.05)


def test_positives_of_views_with_frames_left_out_are_earlier_frames():
    times = torch.tensor([[0.0, 4, 5, 20, 21]])
    mask = torch.ones(1, 5, dtype=torch.bool)
    drawn = earlier_frames(torch.arange(5).repeat(50, 1).T.reshape(1, -1), times, mask, 2.0)
    assert drawn.view(5, 50).min(1).values.tolist() == [0, 0, 0, 2, 2]
    assert drawn.view(5, 50).max(1).values.tolist() == [0, 0, 1, 2, 3]


def test_cycles_lead_through_different_clips_of_one_action():
    loss = CycleConsistencyLoss(cycle_length=3)
    samples = [
        AlignmentDataSample(metainfo=dict(sample_id=str(i), action=action))
        for i, action in enumerate("aabbbab")
    ]
    cycles = loss.draw_cycles(samples, 300)
    assert cycles.shape == (300, 4) and torch.equal(cycles[:, 0], cycles[:, -1])
    assert set(cycles[:, 0].tolist()) == set(range(7))
    for first, second, third, _ in cycles.tolist():
        assert len({first, second, third}) == 3
        assert samples[first].action == samples[second].action == samples[third].action


def test_cycles_longer_than_an_action_has_clips_are_skipped():
    loss = CycleConsistencyLoss(cycle_length=3)
    assert loss(*batch(actions="aabb")) == 0 and loss.skipped == 1


def test_the_order_of_clips_with_given_cycles_changes_nothing():
    loss = CycleConsistencyLoss(cycle_length=2)
    (z,), (view,), _ = batch(lengths=(9, 9, 9, 9), views=1)
    cycles = torch.tensor([[0, 1, 0], [1, 2, 1], [3, 0, 3]])
    lengths, starts = torch.tensor([9.0, 12, 10, 14]), torch.tensor([0, 3, 8])
    given = (z, view.frame_inds, lengths, view.mask)
    order = torch.tensor([2, 0, 3, 1])
    turned = (values[order] for values in given)
    found = loss.cycles(*turned, order.argsort()[cycles], starts)
    torch.testing.assert_close(found, loss.cycles(*given, cycles, starts))


def test_clips_that_show_the_same_are_consistent():
    place = torch.linspace(0, 1, 8)
    clips = torch.stack([place, place.square()], dim=1).repeat(2, 1, 1).mul(30)
    z, views, samples = batch(lengths=(8, 8), actions="aa", views=1)
    loss = CycleConsistencyLoss("mse", frames=dict(sampler="all"))
    assert loss((clips,), views, samples) < 1e-3 < loss(z, views, samples)


def test_the_divergence_of_equal_clips_is_zero():
    z, views, samples = batch(lengths=(8, 8), actions="aa", views=1)
    z = (z[0][:1].expand(2, -1, -1),)
    options = dict(gamma=10, frames=dict(sampler="all"))
    assert SoftDTWLoss(divergence=True, **options)(z, views, samples).abs() < 1e-5
    assert SoftDTWLoss(**options)(z, views, samples) < -0.01


def test_contrastive_idm_is_a_plain_loop():
    (z,), (view,), _ = batch(views=1, dtype=torch.float64)
    lengths = torch.tensor([20.0, 10, 30, 15])
    expected = []
    for clip, times, mask, length in zip(z, view.frame_inds, view.mask, lengths, strict=True):
        total = 0.0
        for a, s in zip(clip[mask], times[mask], strict=True):
            for b, t in zip(clip[mask], times[mask], strict=True):
                apart = (a - b).square().sum()
                far = (1 + ((s - t) / length) ** 2) * max(0, 9 - apart)
                total += far if (s - t).abs() > 3.5 else apart
        expected.append(total)
    found = contrastive_idm(z, view.frame_inds, lengths, view.mask, 3.5, 9.0)
    torch.testing.assert_close(found, torch.stack(expected), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "option"),
    [
        (CycleConsistencyLoss, dict(kind="mae")),
        (CycleConsistencyLoss, dict(similarity="dot")),
        (CycleConsistencyLoss, dict(temperature=0)),
        (CycleConsistencyLoss, dict(huber_delta=-1)),
        (CycleConsistencyLoss, dict(cycle_length=1)),
        (TimeContrastiveLoss, dict(window=0)),
        (OrderVerificationLoss, dict(triplets_per_clip=0)),
        (OrderVerificationLoss, dict(shuffled_share=1.5)),
        (OrderVerificationLoss, dict(label_smoothing=-0.1)),
        (SoftDTWLoss, dict(gamma=0)),
        (ContrastiveIDMLoss, dict(sigma=-1)),
    ],
)
def test_bad_options_are_named(make, option):
    (name,) = option
    with pytest.raises(InputError, match=f"^{name} is .*, expected [^\n]*$"):
        make(**option)
