"""An ensemble is its members side by side, each with the loss to itself."""

import pytest
import torch

from mmalign.registry import MODELS
from tests.models.test_aligner import make_batch, make_model


def make_ensemble(num_members=2, head=True):
    torch.manual_seed(0)
    block = dict(dim=24, num_heads=2, max_frames=32)
    return MODELS.build(
        dict(
            type="EnsembleAligner",
            num_members=num_members,
            data_preprocessor=dict(type="AlignmentDataPreprocessor", skeleton="penn13"),
            encoder=dict(type="ViViTEncoder", spatial_depth=1, temporal_depth=2, **block),
            cross=dict(type="CrossAttention", n_cross=1, encoding="learned", **block),
            head=dict(type="ProjectionHead", dim=24, hidden=24, out=16) if head else None,
            loss=dict(type="AlignmentLoss"),
        )
    ).eval()


def single(ensemble, number, head=True):
    """The aligner that has a member's weights."""
    model = make_model(head=head)
    state = ensemble.members[number].state_dict()
    state |= {f"head.{k}": v for k, v in ensemble.heads[number].state_dict().items()}
    rest = {k: v for k, v in model.state_dict().items() if k.startswith("loss_fn")}
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


def test_without_members_there_is_nothing():
    with pytest.raises(ValueError, match="num_members must be at least 1, found 0"):
        make_ensemble(0)
