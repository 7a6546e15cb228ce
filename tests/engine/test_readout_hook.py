"""The hook that fits an ensemble's readout to the training clips."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import EMAHook
from mmengine.registry import DefaultScope
from mmengine.runner.checkpoint import load_state_dict

from mmalign.engine.hooks import ReadoutHook
from mmalign.engine.hooks.checkpoint_state import CheckpointStateHook, check_weights
from mmalign.engine.hooks.training_clips import TrainingClips
from mmalign.errors import InputError
from mmalign.models.aligner import BaseAligner
from mmalign.models.readout import Readout
from mmalign.registry import MODELS


@pytest.fixture
def runner(repo):
    cfg = Config.fromfile(str(repo / "configs" / "la2ds_plus_penn_action_cpu.py"))
    cfg.model.data_preprocessor.skeleton = "coco17"
    cfg.model.readout = dict(num_components=12, num_prototypes=8)
    toy = dict(type="ToyPoseDataset", activity="lift", num_sequences=3, length=(40, 60))
    cfg.train_dataloader.dataset = dict(repeat=2, pipeline=cfg.trimmed_train_pipeline, **toy)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope("mmalign"):
        model = MODELS.build(cfg.model.to_dict())
        yield SimpleNamespace(cfg=cfg, model=model, epoch=0, max_epochs=2, hooks=[])


def embed(runner):
    clips = TrainingClips(runner.cfg.test_pipeline).embed(runner)
    return np.concatenate(list(clips["lift"].values()))


def test_it_is_fitted_to_all_frames_in_the_last_epoch(runner):
    hook = ReadoutHook(runner.cfg.test_pipeline, batch_size=2)
    hook.before_train(runner)
    whole = embed(runner)
    assert whole.shape[1] == 3 * 192
    hook.after_train_epoch(runner)
    assert embed(runner).shape == whole.shape
    runner.epoch = 1
    hook.after_train_epoch(runner)
    assert runner.model.training
    expected = Readout(3 * 192, 12, 8)
    expected.fit(whole)
    torch.testing.assert_close(
        torch.from_numpy(embed(runner)), expected(torch.from_numpy(whole)), atol=1e-4, rtol=1e-3
    )


def test_it_is_kept_with_the_weights_and_found_anew_by_a_training_that_goes_on(runner):
    hook = ReadoutHook(runner.cfg.test_pipeline)
    runner.epoch = 1
    hook.after_train_epoch(runner)
    projected = embed(runner)
    with DefaultScope.overwrite_default_scope("mmalign"):
        again = MODELS.build(runner.cfg.model.to_dict())
    again.load_state_dict(runner.model.state_dict())
    other = SimpleNamespace(cfg=runner.cfg, model=again, epoch=0, max_epochs=2, hooks=[])
    np.testing.assert_allclose(embed(other), projected, atol=1e-5)
    hook.before_train(other)
    assert embed(other).shape[1] == 3 * 192


@pytest.fixture
def several(repo):
    """The config of a network of joints with readouts of actions."""
    cfg = Config.fromfile(str(repo / "configs" / "la2ds_plus_penn_action_all_cpu.py"))
    cfg.model.data_preprocessor.update(skeleton="coco17", heatmap=None)
    cfg.model.members = cfg.model.members[2:]
    cfg.model.readout = dict(num_components=6, num_prototypes=4)
    with DefaultScope.overwrite_default_scope("mmalign"):
        torch.manual_seed(0)
        yield cfg


def fit(cfg, clips, monkeypatch):
    """The network once the hook has fitted its readouts to clips; the hook, what it was given."""
    model = MODELS.build(cfg.model.to_dict())
    hook = ReadoutHook(cfg.test_pipeline)
    monkeypatch.setattr(hook.clips, "embed", lambda runner: clips)
    runner = SimpleNamespace(cfg=cfg, model=model, epoch=1, max_epochs=2, hooks=[])
    hook.after_train_epoch(runner)
    return model.eval(), hook, runner


def clips_of(*actions):
    rng = np.random.default_rng(0)
    return {
        action: {name: rng.normal(place, 1, (30, 192)).astype(np.float32) for name in "ab"}
        for place, action in enumerate(actions)
    }


def predict(model, actions):
    """Embeddings that the network predicts for a made sequence per action, and the raw ones."""
    pose = [torch.rand(5 + 2 * number, 17, 3) for number in range(len(actions))]
    samples = [
        SimpleNamespace(frame_inds=[torch.arange(len(one)).float()], action=action)
        for one, action in zip(pose, actions, strict=True)
    ]
    batch = model.data_preprocessor(dict(inputs={"pose": [pose]}, data_samples=samples))
    with torch.no_grad():
        found = [sample.embedding for sample in model(**batch, mode="predict")]
        raw = BaseAligner.embed(model, batch["inputs"][0])
    return found, [frames[: len(one)] for frames, one in zip(raw, pose, strict=True)]


def test_averaged_weights_have_readouts_fitted_to_their_own_embeddings(several, monkeypatch):
    model = MODELS.build(several.model.to_dict())
    average = EMAHook(momentum=0.5)
    runner = SimpleNamespace(
        cfg=several, model=model, epoch=1, max_epochs=2, iter=0, hooks=[average]
    )
    average.before_run(runner)
    parameter = next(model.parameters())
    averaged = parameter.detach().clone()
    parameter.data += 1
    hook = ReadoutHook(several.test_pipeline)
    seen = []
    clips = clips_of("lift", "wave")
    monkeypatch.setattr(
        hook.clips, "embed", lambda runner: seen.append(parameter.detach().clone()) or clips
    )
    hook.after_train_epoch(runner)
    torch.testing.assert_close(seen, [averaged])
    torch.testing.assert_close(parameter.detach(), averaged + 1)
    checkpoint = dict(state_dict=model.state_dict())
    average.before_save_checkpoint(runner, checkpoint)
    with torch.no_grad():
        parameter.copy_(averaged)
    for name, value in checkpoint["state_dict"].items():
        torch.testing.assert_close(value, model.state_dict()[name])
    assert checkpoint["state_dict"].keys() == model.state_dict().keys()
    names = [name.removeprefix("module.") for name in checkpoint["ema_state_dict"]]
    assert set(names) - {"steps"} == set(model.state_dict())
    # A training that goes on begins without.
    hook.before_train(runner)
    assert not model.readout.fitted and not average.ema_model.module.readout.fitted
    hook.after_train_epoch(runner)
    assert model.readout.fitted and len(checkpoint["state_dict"]) > len(list(model.parameters()))


# A dot, and a word that a ModuleDict has.
@pytest.mark.parametrize("names", [("lift", "wave"), ("throw 1.5 m", "items")])
def test_an_action_has_its_own_readout(several, monkeypatch, names):
    clips = clips_of(*names)
    model, hook, runner = fit(several, clips, monkeypatch)
    found, raw = predict(model, [*names, ""])
    frames = {action: np.concatenate(list(parts.values())) for action, parts in clips.items()}
    for number, fitted_to in enumerate(
        [frames[names[0]], frames[names[1]], np.concatenate(list(frames.values()))]
    ):
        expected = Readout(192, 6, 4)
        expected.fit(fitted_to)
        torch.testing.assert_close(found[number], expected(raw[number]))
    hook.before_train(runner)
    found, raw = predict(model, [*names, ""])
    torch.testing.assert_close(found, raw)


def test_one_action_needs_no_readout_besides(several, monkeypatch):
    model, *_ = fit(several, clips_of("lift"), monkeypatch)
    assert not model.action_readouts.state_dict()
    found, raw = predict(model, ["lift"])
    torch.testing.assert_close(found[0], model.readout(raw[0]))


@pytest.mark.parametrize("by_mmengine", [True, False])
def test_readouts_of_actions_come_with_the_weights(several, monkeypatch, by_mmengine):
    model, *_ = fit(several, clips_of("lift", "throw 1.5 m"), monkeypatch)
    assert model.action_readouts.actions == ["lift", "throw 1.5 m"]
    torch.manual_seed(1)
    expected, _ = predict(model, ["throw 1.5 m"])
    again, *_ = fit(several, clips_of("another", "lift"), monkeypatch)
    if by_mmengine:
        load_state_dict(again, model.state_dict(), strict=True)
    else:
        again.load_state_dict(model.state_dict())
    assert again.action_readouts.actions == ["lift", "throw 1.5 m"]
    torch.manual_seed(1)
    found, _ = predict(again, ["throw 1.5 m"])
    torch.testing.assert_close(found, expected)
    again.load_state_dict(MODELS.build(several.model.to_dict()).state_dict())
    assert not again.action_readouts.actions


def test_a_training_goes_on_from_weights_with_readouts_of_actions(several, monkeypatch):
    model, *_ = fit(several, clips_of("lift", "wave"), monkeypatch)
    weights = {f"module.{name}": one for name, one in model.state_dict().items()}
    fresh = MODELS.build(several.model.to_dict())
    with pytest.raises(InputError, match="has besides action_readouts"):
        check_weights(model.state_dict(), fresh.state_dict(), "a.pth", exactly=True)
    dataset = SimpleNamespace(dataset=None)
    runner = SimpleNamespace(model=fresh, _resume=True, _load_from="a", train_dataloader=dataset)
    checkpoint = dict(state_dict=weights, meta={}, optimizer={}, message_hub=dict(log_scalars={}))
    CheckpointStateHook().after_load_checkpoint(runner, checkpoint)
    assert fresh.state_dict().keys() == model.state_dict().keys()


def test_readouts_are_where_the_network_is(several):
    model = MODELS.build(several.model.to_dict()).to("meta")
    model.action_readouts.make_room(["readouts.of lift.middle", "readouts.items.middle", "other"])
    assert model.action_readouts.actions == ["lift"]
    assert model.action_readouts.get("lift").middle.is_meta


def test_what_has_few_frames_or_no_name_has_no_readout_of_its_own(several, monkeypatch):
    clips = clips_of("", "lift", "wave")
    clips["wave"] = {"a": clips["wave"]["a"][:39]}  # 40 frames for 6 + 4 features
    model, *_ = fit(several, clips, monkeypatch)
    assert model.action_readouts.actions == ["lift"]


def test_readouts_of_actions_need_one_of_all(several):
    several.model.readout = None
    with pytest.raises(ValueError, match="action_readouts need a readout"):
        MODELS.build(several.model.to_dict())


def test_padding_stays_zero(runner):
    ReadoutHook(runner.cfg.test_pipeline).after_train_epoch(
        SimpleNamespace(**{**vars(runner), "epoch": 1})
    )
    model = runner.model.eval()
    pose = [torch.rand(n, 17, 3) for n in (5, 9)]
    samples = [SimpleNamespace(frame_inds=[torch.arange(len(p)).float()]) for p in pose]
    batch = model.data_preprocessor(dict(inputs={"pose": [pose]}, data_samples=samples))
    with torch.no_grad():
        found = model(batch["inputs"], mode="tensor")
    assert found.shape == (2, 9, 20)
    assert (found[0, 5:] == 0).all() and (found[0, :5] != 0).all()


def test_a_model_without_a_readout_is_told_before_training(runner):
    runner.model.readout = None
    with pytest.raises(InputError, match="give an EnsembleAligner one"):
        ReadoutHook(runner.cfg.test_pipeline).before_train(runner)


def test_a_single_frame_is_told(runner, monkeypatch):
    clips = {"lift": {"one": np.ones((1, 12), dtype=np.float32)}}
    monkeypatch.setattr(TrainingClips, "embed", lambda self, runner: clips)
    hook = ReadoutHook(runner.cfg.test_pipeline)
    monkeypatch.setattr(hook, "is_last_train_epoch", lambda runner: True)
    with pytest.raises(InputError, match="have 1 frame in all"):
        hook.after_train_epoch(runner)
