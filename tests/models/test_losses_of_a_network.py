"""The losses that a config names, in the way of today and in that of before ``model.losses``."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
import torch
import torch.optim.swa_utils
from mmengine.runner.checkpoint import load_state_dict
from tiny_losses import TinyClipLoss

from mmalign.cli.config import load_config
from mmalign.engine import CheckpointStateHook
from mmalign.errors import InputError
from mmalign.models import CrossClipLoss
from mmalign.models.losses.build import rename_old_weights
from mmalign.registry import MODELS
from tests.models.test_aligner import make_batch

LOSS = dict(type="AlignmentLoss", objective=dict(regression=50.0, soft_label=1.0))
BETWEEN = dict(type="CrossClipLoss", loss=dict(LOSS, learn_temperature=True), loss_weight=0.5)
BLOCK = dict(dim=24, num_heads=2, temporal_depth=1)
HEAD = dict(type="ProjectionHead", dim=24, hidden=24, out=16)
JOINTS = dict(type="CoordinateEncoder", spatial="linear", **BLOCK)
PREPROCESSOR = dict(
    type="AlignmentDataPreprocessor", skeleton="penn13", joints=True, heatmap="joint"
)
NETWORKS = {
    "Aligner": dict(modality="joints", encoder=JOINTS, head=HEAD),
    "EnsembleAligner": dict(members=[dict(modality="joints", encoder=JOINTS, head=HEAD)] * 2),
    "FusedAligner": dict(
        encoders=dict(
            pose=dict(type="ViViTEncoder", patch_size=10, spatial_depth=1, **BLOCK),
            rgb=dict(type="ViViTEncoder", patch_size=10, spatial_depth=1, image_size=30, **BLOCK),
        ),
        fusion=dict(type="ConcatFusion", dim=24),
        head=HEAD,
    ),
}
every_network = pytest.mark.parametrize("kind", NETWORKS)


def network(kind="Aligner", **options):
    torch.manual_seed(0)
    config = dict(type=kind, data_preprocessor=PREPROCESSOR, **NETWORKS[kind])
    model = MODELS.build(deepcopy({**config, **options})).train()
    for loss in model.losses.values():
        if isinstance(loss, CrossClipLoss):
            loss.common_times = {str(i): torch.arange(12.0) for i in range(3)}
    return model


def data(model, views=2):
    batch = make_batch(views=views)
    if "rgb" in model.modalities:
        batch["inputs"]["rgb"] = [
            [torch.rand(len(clip), 3, 30, 30) * 255 for clip in view]
            for view in batch["inputs"]["pose"]
        ]
    for sample, poses in zip(batch["data_samples"], batch["inputs"]["pose"][0], strict=True):
        sample.set_metainfo(dict(action="lift", num_frames=len(poses), fps=30.0))
    return model.data_preprocessor(batch)


def first_steps(model):
    """The losses of three steps, to the last bit."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    torch.manual_seed(1)
    found = []
    for _ in range(3):
        losses = model(**data(model), mode="loss")
        found.append([loss.item() for loss in losses.values()])
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
    return found


@every_network
def test_old_and_new_configs_train_alike_to_the_last_bit(kind):
    old = network(kind, loss=LOSS, cross_clip=BETWEEN)
    new = network(kind, losses=dict(alignment=LOSS, between=BETWEEN))
    assert list(old(**data(old), mode="loss")) == ["loss", "loss_cross_clip"]
    assert list(new(**data(new), mode="loss")) == ["loss_alignment", "loss_between"]
    steps = first_steps(old)
    assert steps == first_steps(new)
    assert steps[0] != steps[1] and all(value > 0 for step in steps for value in step)
    assert (
        old.state_dict().keys()
        == network(kind, losses=dict(loss=LOSS, cross_clip=BETWEEN)).state_dict().keys()
    )


@pytest.mark.parametrize("name", ["loss", "cross_clip"])
def test_a_loss_is_named_once(name):
    with pytest.raises(InputError, match=f"model.{name}: found beside model.losses.{name}, which"):
        network(losses={name: LOSS}, **{name: LOSS})


@pytest.mark.parametrize(
    ("losses", "named"),
    [
        (dict(type="AlignmentLoss"), "model.losses.type is AlignmentLoss, expected the config"),
        (dict(loss=dict(temperature=0.2)), "model.losses.loss is .*temperature.*, expected the co"),
    ],
)
def test_what_is_no_config_of_a_loss_is_told(losses, named):
    with pytest.raises(InputError, match=named):
        network(losses=losses)


def test_a_loss_of_a_base_config_is_taken_out():
    without = dict(tiny=dict(type="TinyClipLoss"), between=None, cross_clip=None)
    model = network(loss=LOSS, cross_clip=BETWEEN, losses=without)
    assert list(model.losses) == ["loss", "tiny"]


def test_a_network_without_losses_embeds_but_does_not_train():
    model = network()
    assert model(**data(model)).shape[-1] == 24
    with pytest.raises(InputError, match="model.losses: found none, expected at least one"):
        model(**data(model), mode="loss")


def test_options_of_before_reach_the_losses_of_shipped_configs(repo):
    path = repo / "configs" / "la2ds_plus_penn_action_cpu.py"
    options = {"model.loss.temperature": 0.2, "model.cross_clip.loss.temperature": 0.3}
    cfg = load_config(path, {**options, "model.losses.tiny.type": "TinyClipLoss"})
    cfg.model.members = [cfg.model.members[2]]
    losses = MODELS.build(cfg.model.to_dict()).losses
    assert list(losses) == ["loss", "cross_clip", "tiny"]
    assert losses.loss.log_temperature.exp().item() == pytest.approx(0.2)
    assert losses.cross_clip.loss_fn.log_temperature.exp().item() == pytest.approx(0.3)
    assert isinstance(losses.tiny, TinyClipLoss)


def as_before(weights):
    """Weights under the names that they had before ``model.losses``."""
    names = {"losses.loss.": "loss_fn.", "losses.cross_clip.": "cross_clip."}
    for new, old in names.items():
        weights = {name.replace(new, old): weight for name, weight in weights.items()}
    return weights


@every_network
def test_weights_of_before_load(kind):
    model = network(kind, loss=LOSS, cross_clip=BETWEEN)
    before = as_before({name: torch.rand_like(w) for name, w in model.state_dict().items()})
    assert {"loss_fn.log_temperature", "cross_clip.loss_fn.log_temperature"} < before.keys()

    def check(loaded):
        weights = as_before(loaded.state_dict())
        assert all(torch.equal(weights[name], weight) for name, weight in before.items())

    model.load_state_dict(before)
    check(model)
    again = network(kind, loss=LOSS, cross_clip=BETWEEN)
    load_state_dict(again, dict(before), strict=True)  # MMEngine's own.
    check(again)
    averaged = torch.optim.swa_utils.AveragedModel(network(kind, loss=LOSS, cross_clip=BETWEEN))
    ema = {f"module.{name}": weight for name, weight in before.items()}
    averaged.load_state_dict({**ema, "n_averaged": torch.tensor(3)})
    check(averaged.module)


def test_a_run_of_before_resumes():
    model = network(loss=LOSS, cross_clip=BETWEEN)
    weights = as_before(model.state_dict())
    checkpoint = dict(state_dict=weights, meta={}, optimizer={}, message_hub=dict(log_scalars={}))
    runner = SimpleNamespace(
        _load_from="old.pth",
        _resume=True,
        model=model,
        train_dataloader=SimpleNamespace(dataset=None),
    )
    CheckpointStateHook().after_load_checkpoint(runner, checkpoint)
    assert checkpoint["state_dict"].keys() == weights.keys()
    del weights["loss_fn.log_temperature"]
    with pytest.raises(InputError, match="lacks losses.loss.log_temperature"):
        CheckpointStateHook().after_load_checkpoint(runner, checkpoint)


def test_only_weights_of_losses_are_renamed():
    weights = {"cross.mlp.weight": 1, "my.loss_fn.weight": 2, "cross_clip.loss_fn.x": 3}
    rename_old_weights(weights)
    assert list(weights) == ["cross.mlp.weight", "my.loss_fn.weight", "losses.cross_clip.loss_fn.x"]


@every_network
def test_one_view_trains_losses_that_need_one(kind):
    tiny = dict(clip=dict(type="TinyClipLoss"), pair=dict(type="TinyPairLoss", pairs="ordered"))
    model = network(kind, losses=tiny)
    losses = model(**data(model, views=1), mode="loss")
    assert list(losses) == ["loss_clip", "loss_pair"]
    sum(losses.values()).backward()
    # A fused network of which a sequence has lost no modality does not use what stands in.
    dead = [n for n, p in model.named_parameters() if p.grad is None and "stand_in" not in n]
    assert not dead
    with pytest.raises(InputError, match="AlignmentLoss: a batch has 1 view of each clip"):
        model = network(kind, losses=dict(alignment=LOSS))
        model(**data(model, views=1), mode="loss")


@every_network
def test_embedding_by_the_latents(kind):
    head = dict(HEAD, normalize=True)
    changes = dict(head=head)
    if kind == "EnsembleAligner":
        changes = dict(members=[dict(m, head=head) for m in NETWORKS[kind]["members"]])
    model = network(kind, embedding="latent", **changes).eval()
    given = data(model, views=1)
    with torch.no_grad():
        found = model(**given)
        samples = model(**given, mode="predict")
    mask = given["inputs"][0].mask
    members = 2 if kind == "EnsembleAligner" else 1
    assert found.shape[-1] == 16 * members and (found[~mask] == 0).all()
    norms = found[mask].norm(dim=-1)
    torch.testing.assert_close(norms, torch.full_like(norms, members**0.5))
    for row, real, sample in zip(found, mask, samples, strict=True):
        torch.testing.assert_close(sample.embedding, row[real])
    if kind == "FusedAligner":
        widths = {name: part.shape[-1] for name, part in samples[0].parts.items()}
        assert widths == dict(pose=24, rgb=24, without_pose=16, without_rgb=16)


def test_a_readout_has_the_channels_of_the_embedding():
    readout = dict(num_components=4)
    for embedding, dims in (("encoder", 48), ("latent", 32)):
        model = network("EnsembleAligner", embedding=embedding, readout=readout)
        assert len(model.readout.middle) == dims


def test_an_embedding_that_does_not_exist_is_named():
    with pytest.raises(InputError, match="model.embedding is 'head', expected one of encoder, lat"):
        network(embedding="head")


def test_the_head_normalises_in_float32_and_keeps_its_weights_names():
    head = MODELS.build(dict(HEAD, normalize=True))
    assert list(head.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    u = torch.randn(3, 5, 24, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        z = head(u)
    assert z.dtype == torch.float32
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(3, 5))
    plain = MODELS.build(HEAD)
    plain.load_state_dict(head.state_dict())
    torch.testing.assert_close(head(u), plain(u) / plain(u).norm(dim=-1, keepdim=True))
    torch.nn.init.zeros_(head[2].weight), torch.nn.init.zeros_(head[2].bias)
    head(u).sum().backward()
    assert u.grad.isfinite().all()
