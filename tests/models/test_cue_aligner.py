"""A network with further cues: what its losses see, and that it is used without them."""

from copy import deepcopy

import pytest
import torch

from mmalign.errors import InputError
from mmalign.registry import MODELS
from tests.models.test_aligner import make_batch

BLOCK = dict(dim=24, num_heads=2, temporal_depth=1)
HEAD = dict(type="ProjectionHead", dim=24, hidden=24, out=16)
PLACES = dict(type="CoordinateEncoder", **BLOCK)
MOTION = dict(encoder=dict(type="MotionEncoder", **BLOCK), head=HEAD)
PIXELS = dict(type="ViViTEncoder", patch_size=10, spatial_depth=1, image_size=30, **BLOCK)


def network(kind="CueAligner", **options):
    torch.manual_seed(0)
    config = dict(
        type=kind,
        data_preprocessor=dict(
            type="AlignmentDataPreprocessor", skeleton="penn13", heatmap=None, joints=True
        ),
        members=[dict(modality="joints", encoder=PLACES, head=HEAD)],
        losses=dict(steps=dict(type="MultiCueLoss", cues=2)),
    )
    if kind == "CueAligner":
        config["cues"] = [MOTION]
    return MODELS.build(deepcopy({**config, **options}))


def data(model, views=1, images=False):
    batch = make_batch(views=views)
    if images:
        batch["inputs"]["rgb"] = [
            [torch.rand(len(clip), 3, 30, 30) * 255 for clip in view]
            for view in batch["inputs"]["pose"]
        ]
    for sample, poses in zip(batch["data_samples"], batch["inputs"]["pose"][0], strict=True):
        sample.set_metainfo(dict(action="lift", num_frames=len(poses), fps=30.0))
    return model.data_preprocessor(batch)


@pytest.mark.parametrize("views", [1, 2])
@pytest.mark.parametrize("images", [False, True])
def test_all_that_sees_a_cue_learns(views, images):
    cue = dict(modality="rgb", encoder=PIXELS, head=HEAD) if images else MOTION
    model = network(cues=[cue]).train()
    loss = model(**data(model, views, images), mode="loss")["loss_steps"]
    loss.backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and weight.grad.isfinite().all(), name
    assert next(model.cues[0].parameters()).grad.any()


def test_sequences_are_embedded_by_the_network_alone():
    with_cue, alone = network().eval(), network("EnsembleAligner").eval()
    given = data(with_cue)
    torch.testing.assert_close(with_cue(**given), alone(**given), rtol=0, atol=0)
    assert with_cue.modalities == alone.modalities == ("pose",)


def test_a_cue_that_is_none_is_named():
    with pytest.raises(InputError, match="a cue of model.cues has head; expected encoder and"):
        network(cues=[dict(head=HEAD)])
