"""STEPs' loss: known answers, its negatives, and what it asks of a batch."""

import pytest
import torch
from peer_cases import check, every_precision, known
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.multi_cue import multi_cue_contrast, negatives_by_time
from mmalign.models import MultiCueLoss

CASES = [
    "steps_window",
    "steps_bootstrapped",
    "steps_bootstrapped_relative",
    "steps_two_modalities",
]
every_case = pytest.mark.parametrize("name", CASES)


def negatives_of(params, raw_features, frame_inds, lengths, fps):
    raw = raw_features if params["bootstrap"] else None
    window = fps * params["sigma_seconds"] if "sigma_seconds" in params else params["sigma_frames"]
    mask = torch.ones_like(frame_inds, dtype=torch.bool)
    return mask, negatives_by_time(frame_inds, mask, window, raw)


@every_precision
@every_case
def test_known_answers(name, precision):
    def compute(params, rgb, flow=None, **given):
        mask, negatives = negatives_of(params, **given)
        places = given["frame_inds"] / given["lengths"].unsqueeze(1)
        cues = [rgb] if flow is None else [rgb, flow]
        return multi_cue_contrast(cues, places, mask, negatives, params["margin"]).mean()

    check(name, compute, precision)


@every_case
def test_known_negatives(name):
    case, arrays = known(name)
    keys = ("raw_features", "frame_inds", "lengths", "fps")
    given = {key: torch.from_numpy(arrays[case["inputs"][key]]) for key in keys}
    found = negatives_of(case["params"], **given)[1]
    assert (found.numpy() == arrays[f"{name}.negatives"]).all()


def test_features_are_those_of_the_drawn_frames_without_scores():
    given = batch(padding=2)
    loss = MultiCueLoss()
    plain = loss(*given)
    for view in given[1]:
        view.frames["joints"][..., 2] = 7.0
    torch.testing.assert_close(loss(*given), plain)
    for view in given[1]:
        view.frames["joints"] = view.frames["joints"].flip(0)
    assert not torch.isclose(loss(*given), plain)
    drawn = MultiCueLoss(frames=dict(sampler="segment", num_frames=100))
    torch.testing.assert_close(drawn(*given), loss(*given))


def test_a_window_is_a_share_of_the_clip_or_in_units_of_time():
    given = batch((10, 10), "ab", views=1)  # Of 20 frames each, at 10 and at 11 per second.
    given[2][1].set_metainfo(dict(fps=10.0))
    options = [
        dict(window=0.225),
        dict(window=4.5, window_unit="time"),
        dict(window=0.45, window_unit="time", time_unit="seconds"),
    ]
    share, frames, seconds = (MultiCueLoss(features=None, **one)(*given) for one in options)
    torch.testing.assert_close(share, frames)
    torch.testing.assert_close(share, seconds)


def test_without_negatives_there_is_nothing_to_learn():
    loss = MultiCueLoss(features=None, window=2.0)
    assert loss(*batch()) == 0 and loss.skipped == 1


def test_what_a_batch_lacks_is_named():
    with pytest.raises(InputError, match="features is 'joints', the batch holds nothing; name"):
        z, views, samples = batch(views=1)
        views[0].frames.clear()
        MultiCueLoss()(z, views, samples)
    with pytest.raises(InputError, match="latents have 6 channels, expected equal parts of 4 cues"):
        MultiCueLoss(cues=4)(*batch())


@pytest.mark.parametrize("option", [dict(cues=0), dict(window=0), dict(window_unit="seconds")])
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected"):
        MultiCueLoss(**option)
