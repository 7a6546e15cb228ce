"""An ensemble is its members side by side, each with the loss to itself."""

import pytest
import torch

from mmalign.errors import InputError
from mmalign.registry import MODELS
from tests.models.test_aligner import make_batch, make_model


def make_ensemble(num_members=2, head=True, joints=False):
    torch.manual_seed(0)
    block = dict(dim=24, num_heads=2, max_frames=32)
    member = dict(
        encoder=dict(type="ViViTEncoder", spatial_depth=1, temporal_depth=2, **block),
        cross=dict(type="CrossAttention", n_cross=1, encoding="learned", **block),
        head=dict(type="ProjectionHead", dim=24, hidden=24, out=16) if head else None,
    )
    members = [member] * num_members
    if joints:
        encoder = dict(type="CoordinateEncoder", spatial="transformer", spatial_depth=1, **block)
        members = [*members, dict(modality="joints", encoder=encoder)]
    return MODELS.build(
        dict(
            type="EnsembleAligner",
            members=members,
            data_preprocessor=dict(
                type="AlignmentDataPreprocessor", skeleton="penn13", joints=joints
            ),
            loss=dict(type="AlignmentLoss"),
        )
    ).eval()


def single(ensemble, number, head=True):
    """The aligner that has a member's weights."""
    model = make_model(head=head)
    state = ensemble.members[number].state_dict()
    state |= {f"head.{k}": v for k, v in ensemble.heads[number].state_dict().items()}
    rest = {k: v for k, v in model.state_dict().items() if k.startswith("losses.")}
    model.load_state_dict({**rest, **state})
    return model


@pytest.mark.parametrize("head", [True, False])
def test_embeddings_are_side_by_side_and_the_loss_is_the_mean(head):
    ensemble = make_ensemble(3, head)
    members = [single(ensemble, number, head) for number in range(3)]
    batch = ensemble.data_preprocessor(make_batch(views=2))
    with torch.no_grad():
        joined = ensemble(**batch, mode="tensor")
        alone = [member(**batch, mode="tensor") for member in members]
        loss = ensemble(**batch, mode="loss")["loss"]
        losses = [member(**batch, mode="loss")["loss"] for member in members]
    torch.testing.assert_close(joined, torch.cat(alone, dim=-1))
    assert not torch.allclose(alone[0], alone[1])
    torch.testing.assert_close(loss, torch.stack(losses).mean())


def test_a_member_learns_from_its_own_loss_alone():
    ensemble = make_ensemble(2).train()
    batch = ensemble.data_preprocessor(make_batch(views=2))
    ensemble(**batch, mode="loss")["loss"].backward()
    model = single(make_ensemble(2), 1).train()
    (model(**batch, mode="loss")["loss"] / 2).backward()
    own = dict(model.named_parameters())
    for name, parameter in ensemble.members[1].named_parameters():
        torch.testing.assert_close(parameter.grad, own[name].grad)


def test_a_member_sees_joints():
    ensemble = make_ensemble(1, joints=True)
    assert ensemble.modalities == ("pose",)
    samples = make_batch()
    batch = ensemble.data_preprocessor(samples)
    coordinates = MODELS.build(dict(type="CoordinateDataPreprocessor", skeleton="penn13"))
    joints = coordinates(samples)["inputs"][0].frames["pose"]
    torch.testing.assert_close(batch["inputs"][0].frames["joints"], joints)
    with torch.no_grad():
        before = ensemble(**batch, mode="tensor")
        batch["inputs"][0].frames["joints"] = joints * 0.5
        after = ensemble(**batch, mode="tensor")
    assert torch.equal(before[..., :24], after[..., :24])
    assert not torch.allclose(before[..., 24:], after[..., 24:])


def test_joints_have_to_be_asked_for():
    encoder = dict(type="CoordinateEncoder", dim=24)
    config = dict(
        type="EnsembleAligner",
        members=[dict(modality="joints", encoder=encoder)],
        data_preprocessor=dict(type="AlignmentDataPreprocessor", skeleton="penn13"),
        loss=dict(type="AlignmentLoss"),
    )
    with pytest.raises(ValueError, match="needs data_preprocessor=dict"):
        MODELS.build(config)
    config["members"] = [dict(modality="pose")]
    with pytest.raises(ValueError, match="a member has modality; expected encoder"):
        MODELS.build(config)


def test_heatmaps_from_the_pipeline_hold_no_joints():
    ensemble = make_ensemble(1, joints=True)
    samples = make_batch()
    samples["inputs"]["pose"] = [
        [torch.zeros(len(pose), 26, 30, 30) for pose in view] for view in samples["inputs"]["pose"]
    ]
    with pytest.raises(InputError, match="leave GeneratePoseHeatmap out"):
        ensemble.data_preprocessor(samples)


def test_without_members_there_is_nothing():
    with pytest.raises(ValueError, match="members: found none"):
        make_ensemble(0)


def test_joints_alone_need_no_heatmaps():
    encoder = dict(type="CoordinateEncoder", dim=24)
    config = dict(
        type="EnsembleAligner",
        members=[dict(modality="joints", encoder=encoder)],
        data_preprocessor=dict(
            type="AlignmentDataPreprocessor", skeleton="penn13", joints=True, heatmap=None
        ),
        loss=dict(type="AlignmentLoss"),
    )
    model = MODELS.build(config).eval()
    batch = model.data_preprocessor(make_batch())
    assert list(batch["inputs"][0].frames) == ["joints"]
    assert model(**batch, mode="tensor").shape[-1] == 24
    config["members"] = [dict(encoder=dict(type="ViViTEncoder", dim=24, num_heads=2))]
    with pytest.raises(ValueError, match="an encoder of heatmaps needs"):
        MODELS.build(config)
