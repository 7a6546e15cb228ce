"""VSP's loss: known answers, times, and clips that are too short."""

import pytest
import torch
from peer_cases import check, every_precision
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.brownian_bridge import bridge_contrast
from mmalign.models import BrownianBridgeLoss
from tests.models.losses.test_peer_properties import reordered


@every_precision
@pytest.mark.parametrize("name", ["vsp_one_bridge", "vsp_three_bridges"])
def test_known_answers(name, precision):
    def compute(params, embeddings, bridges):
        clips = torch.arange(len(bridges)).repeat_interleave(bridges[0].numel() // 3)
        places = bridges.reshape(-1, 3).long()
        frames = embeddings[clips.unsqueeze(1), places]
        return bridge_contrast(frames, places, params["squared_variance"]).mean()

    check(name, compute, precision)


@pytest.mark.parametrize("change", [lambda t: t * 3, lambda t: t + 40])
def test_times_are_measured_in_distances_of_frames(change):
    z, views, samples = batch()
    torch.manual_seed(0)
    plain = BrownianBridgeLoss()(z, views, samples)
    for view in views:
        view.frame_inds = change(view.frame_inds)
    torch.manual_seed(0)
    torch.testing.assert_close(BrownianBridgeLoss()(z, views, samples), plain)


def test_the_order_of_the_batch_changes_nothing_if_bridges_do_not(monkeypatch):
    def drawn(lengths, count, span):
        last = lengths.unsqueeze(1).expand(-1, count) - 1
        head = torch.arange(count).expand_as(last) % (last - 1)
        return torch.stack([head, (head + last + 1) // 2, last], dim=2)

    monkeypatch.setattr("mmalign.models.losses.brownian_bridge_loss.draw_bridges", drawn)
    given = batch()
    turned = reordered(given, [3, 0, 2, 1])
    torch.testing.assert_close(BrownianBridgeLoss()(*turned), BrownianBridgeLoss()(*given))


def test_clips_of_two_frames_are_left_out():
    z, views, samples = batch((6, 2), "ab", views=1)
    loss = BrownianBridgeLoss()
    loss(z, views, samples).backward()
    assert (z[0].grad[1] == 0).all() and (z[0].grad[0] != 0).any() and not loss.skipped
    assert loss(*batch((2, 1), "ab", views=1)) == 0 and loss.skipped == 1


@pytest.mark.parametrize("option", [dict(num_bridges=0), dict(span=1)])
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected at least"):
        BrownianBridgeLoss(**option)
