"""CARL's loss: known answers, and how it and the soft labels of AlignmentLoss are related."""

import pytest
import torch
from peer_cases import check, every_precision
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.functional.sequence_contrast import sequence_contrast
from mmalign.models import SequenceContrastiveLoss


@every_precision
@pytest.mark.parametrize(
    "name", ["scl_one_clip", "scl_batch_masked", "scl_batch_all_negatives", "scl_batch_with_self"]
)
def test_known_answers(name, precision):
    def compute(params, embeddings, frame_inds, lengths, masks=None):
        masks = torch.ones_like(frame_inds) if masks is None else masks
        lengths = lengths.reshape(len(embeddings), -1).expand(-1, 2)
        views = (x.unbind(1) for x in (embeddings, frame_inds, masks > 0, lengths))
        options = params["temperature"], params["label_variance"], params["negatives"]
        return sequence_contrast(*views, *options, padding_weight=1e-6)

    check(name, compute, precision)


def test_negatives_of_a_batch_of_one_are_both_views_of_the_clip():
    given = batch((9,), "a")
    one, other = (SequenceContrastiveLoss(negatives=kind)(*given) for kind in ("single", "batch"))
    torch.testing.assert_close(one, other)


def test_views_that_share_no_time_teach_nothing():
    z, views, samples = batch((4,), "a")
    views[1].frame_inds = views[1].frame_inds + 1e4
    loss = SequenceContrastiveLoss()(z, views, samples)
    assert loss == 0
    loss.backward()
    assert (z[0].grad == 0).all()


@pytest.mark.parametrize(
    "option",
    [dict(temperature=0), dict(variance=-1.0), dict(negatives="all")],
)
def test_bad_options_are_named(option):
    (name,) = option
    with pytest.raises(InputError, match=f"{name} is .*, expected"):
        SequenceContrastiveLoss(**option)
