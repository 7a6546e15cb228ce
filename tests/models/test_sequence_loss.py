"""What every loss is given, and what holds for losses of every kind."""

import pytest
import torch
from tiny_losses import TinyClipLoss, TinyPairLoss, batch, misfit

from mmalign.errors import InputError
from mmalign.models import AlignmentLoss, CrossClipLoss, SequenceLoss
from mmalign.models.data_preprocessor import ViewBatch

PAIRS = ("views", "all", "ordered", "random_partner")
MATCH = dict(type="AlignmentLoss", objective=dict(regression=1.0, soft_label=1.0))


class TinySequenceLoss(SequenceLoss):
    """A loss that is neither of pairs nor of clips: all frames of the batch with all."""

    def compute(self, z, views, samples):
        frames, t, lengths, m = self.gather(z[-1], views[-1], samples)
        place, m = (t / lengths.unsqueeze(1)).reshape(1, -1), m.reshape(1, -1)
        frames = frames.reshape(1, -1, frames.shape[-1])
        return misfit(frames, frames, place, place, m, m)


def between_clips():
    loss = CrossClipLoss(MATCH, stride=3)
    loss.common_times = {str(i): torch.linspace(0, 20, 26 + i) for i in range(4)}
    return loss


LOSSES = {
    "clip": TinyClipLoss,
    "clip, stride": lambda: TinyClipLoss(frames=dict(sampler="stride", stride=3)),
    **{pairs: lambda pairs=pairs: TinyPairLoss(pairs) for pairs in PAIRS},
    "pairs, stride": lambda: TinyPairLoss("ordered", frames=dict(sampler="stride", stride=3)),
    "neither": TinySequenceLoss,
    "AlignmentLoss": lambda: AlignmentLoss(MATCH["objective"]),
    "CrossClipLoss": between_clips,
}
every_loss = pytest.mark.parametrize("make", LOSSES.values(), ids=LOSSES.keys())


def value(loss, given, seed=0):
    """The loss and its gradient, the draws fixed."""
    torch.manual_seed(seed)
    found = loss(*given)
    return found.detach(), torch.autograd.grad(found, given[0], allow_unused=True)


@every_loss
def test_padding_changes_nothing(make):
    plain, gradients = value(make(), batch())
    padded, with_padding = value(make(), batch(padding=7))
    torch.testing.assert_close(padded, plain, rtol=1e-6, atol=1e-6)
    for one, other in zip(gradients, with_padding, strict=True):
        if one is not None:
            torch.testing.assert_close(other[:, : one.shape[1]], one, rtol=1e-5, atol=1e-6)
            assert (other[:, one.shape[1] :] == 0).all()


@pytest.mark.parametrize("sampler", ["uniform", "segment", "stride"])
def test_padding_does_not_change_what_is_drawn(sampler):
    frames = dict(sampler=sampler, num_frames=5, stride=3)
    for loss in (TinyClipLoss(frames=frames), TinyPairLoss("ordered", frames=frames)):
        torch.testing.assert_close(value(loss, batch())[0], value(loss, batch(padding=7))[0])


@every_loss
def test_the_order_of_the_batch_changes_nothing(make):
    z, views, samples = batch()
    # Which clip of a pair comes first in the batch says which view shows it.
    order = [2, 0, 3, 1] if make in (LOSSES["all"], between_clips) else [3, 0, 2, 1]
    turned = (
        tuple(one.detach()[order].requires_grad_() for one in z),
        tuple(ViewBatch({}, view.mask[order], view.frame_inds[order]) for view in views),
        [samples[i] for i in order],
    )
    plain, gradients = value(make(), (z, views, samples))
    found, of_turned = value(make(), turned)
    torch.testing.assert_close(found, plain, rtol=1e-6, atol=1e-6)
    for one, other in zip(gradients, of_turned, strict=True):
        if one is not None:
            torch.testing.assert_close(other, one[order], rtol=1e-5, atol=1e-6)


def one_frame():
    return batch(lengths=(1, 1, 1, 1))


def identical():
    z, views, samples = batch(lengths=(8, 8, 8, 8))
    return tuple(one.detach()[:1].repeat(4, 1, 1).requires_grad_() for one in z), views, samples


def collapsed():
    z, views, samples = batch()
    return tuple(torch.ones_like(one).requires_grad_() for one in z), views, samples


@every_loss
@pytest.mark.parametrize("given", [one_frame, identical, collapsed])
def test_loss_and_gradient_are_numbers(make, given):
    loss, gradients = value(make(), given())
    assert loss.isfinite()
    assert all(one is None or one.isfinite().all() for one in gradients)


# AlignmentLoss, and with it CrossClipLoss, is computed in float32 at all times.
@pytest.mark.parametrize("name", [name for name in LOSSES if "Loss" not in name])
def test_the_gradient_is_that_of_the_loss(name):
    z, views, samples = batch(lengths=(4, 3, 5, 2), dtype=torch.float64)

    def of(*latents):
        torch.manual_seed(0)
        return LOSSES[name]()(latents, views, samples)

    torch.autograd.gradcheck(of, z)


@every_loss
def test_bfloat16_latents_are_compared_in_float32(make):
    z, views, samples = batch()
    low = tuple(one.detach().bfloat16() for one in z)
    torch.manual_seed(0)
    found = make()(low, views, samples)
    expected = value(make(), (tuple(one.float().requires_grad_() for one in low), views, samples))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected[0], rtol=1e-6, atol=1e-6)


def test_the_weight_is_a_factor():
    given = batch()
    for loss in (TinyClipLoss, TinyPairLoss, TinySequenceLoss, AlignmentLoss):
        torch.testing.assert_close(loss(loss_weight=0.25)(*given), loss()(*given) / 4)


def pairs_of(loss, samples):
    return [tuple(pair) for pair in loss.make_pairs(samples).T.tolist()]


def test_pairs_are_different_clips_of_one_action():
    samples = batch((4,) * 6, "abaacb")[2]
    samples[3].set_metainfo(dict(sample_id="0"))  # The same clip twice.
    expected = [(0, 2), (1, 5), (2, 3)]
    assert pairs_of(TinyPairLoss("all"), samples) == expected
    both = sorted(expected + [(b, a) for a, b in expected])
    assert pairs_of(TinyPairLoss("ordered"), samples) == both
    assert pairs_of(TinyPairLoss("views"), samples) == [(i, i) for i in range(6)]
    seen = set()
    for seed in range(40):
        torch.manual_seed(seed)
        drawn = pairs_of(TinyPairLoss("random_partner"), samples)
        assert [a for a, _ in drawn] == [0, 1, 2, 3, 5]
        seen.update(drawn)
    assert seen == set(both)


@pytest.mark.parametrize(("pairs", "chosen"), [("ordered", [(0, 1), (1, 0)]), ("all", [(0, 1)])])
@pytest.mark.parametrize("views", [1, 2])
def test_a_pair_is_the_first_view_of_one_and_the_last_of_the_other(pairs, chosen, views):
    z, given, samples = batch((9, 5), "aa", views)
    expected = []
    for a, b in chosen:
        sides = []
        for end, i in ((0, a), (-1, b)):
            count = int(given[end].mask[i].sum())
            place = given[end].frame_inds[i, :count] / samples[i].num_frames
            sides.append((z[end][i, :count], place))
        apart = torch.cdist(sides[0][0], sides[1][0]).square() / 6
        wanted = (sides[0][1][:, None] - sides[1][1]).square()
        expected.append(((apart - wanted).square().sum(), apart.numel()))
    loss = sum(total for total, _ in expected) / sum(number for _, number in expected)
    torch.testing.assert_close(TinyPairLoss(pairs)(z, given, samples), loss)


def test_a_clip_shows_the_same_frames_in_all_its_pairs():
    class Frames(TinyPairLoss):
        def pair(self, za, zb, ta, tb, la, lb, ma, mb):
            self.seen = ta, tb
            return za.sum() * 0

    loss = Frames("ordered", frames=dict(sampler="uniform", num_frames=3))
    loss(*batch((9, 9, 9), "aaa", views=1))
    first, second = (set(map(tuple, times.tolist())) for times in loss.seen)
    assert len(first) <= 3 and first == second


def test_a_clip_loss_is_the_mean_of_the_views():
    z, views, samples = batch()
    loss = TinyClipLoss()
    apart = [loss(z[i : i + 1], views[i : i + 1], samples) for i in (0, 1)]
    torch.testing.assert_close(loss(z, views, samples), sum(apart) / 2)


def test_times_and_lengths_are_of_the_whole_clip_in_frames_or_seconds():
    z, views, samples = batch()
    for unit, scale in (("frames", [1.0] * 4), ("seconds", [1 / (10 + i) for i in range(4)])):
        _, t, lengths, m = TinyClipLoss(time_unit=unit).gather(z[1], views[1], samples)
        scale = torch.tensor(scale)
        torch.testing.assert_close(t, views[1].frame_inds * scale[:, None])
        torch.testing.assert_close(lengths, torch.tensor([18.0, 10, 24, 14]) * scale)
        assert m is views[1].mask


def test_gathered_frames_are_those_of_their_times():
    z, views, samples = batch()
    loss = TinyClipLoss(frames=dict(sampler="segment", num_frames=6))
    frames, t, _, m = loss.gather(z[1], views[1], samples)
    assert m.sum(1).tolist() == [6, 5, 6, 6]
    for i in range(4):
        places = (t[i] / 2).long()  # View 1 has every other frame of the clip.
        torch.testing.assert_close(frames[i], z[1][i, places])


@pytest.mark.parametrize("pairs", ["all", "ordered", "random_partner"])
def test_a_batch_without_two_clips_of_an_action_is_skipped_and_told_once(pairs, monkeypatch):
    told = []
    monkeypatch.setattr(
        "mmalign.models.losses.sequence_loss.print_log", lambda text, **_: told.append(text)
    )
    loss = TinyPairLoss(pairs)
    loss.scale = torch.nn.Parameter(torch.ones(3))
    for _ in range(2):
        found = loss(*batch(actions="abcd"))
    assert found == 0 and loss.skipped == 2
    found.backward()
    assert (loss.scale.grad == 0).all()
    loss(*batch())
    assert loss.skipped == 2
    assert len(told) == 1 and "\n" not in told[0]
    assert "TinyPairLoss: a batch holds no two clips of one action" in told[0]
    assert "SameActionBatchSampler" in told[0] and "its loss is 0" in told[0]


@pytest.mark.parametrize("make", [AlignmentLoss, lambda: TinyPairLoss("views")])
def test_a_loss_of_two_views_asks_for_them(make):
    with pytest.raises(InputError, match="Loss: a batch has 1 view of each clip, expected 2; put"):
        make()(*batch(views=1))


@pytest.mark.parametrize("option", [dict(pairs="some"), dict(time_unit="minutes")])
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected one of"):
        TinyPairLoss(**option)
