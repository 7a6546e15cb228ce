"""The hook that fits an ensemble's readout to the training clips."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmalign.engine.hooks import ReadoutHook
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
        yield SimpleNamespace(cfg=cfg, model=model, epoch=0, max_epochs=2)


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
    other = SimpleNamespace(cfg=runner.cfg, model=again, epoch=0, max_epochs=2)
    np.testing.assert_allclose(embed(other), projected, atol=1e-5)
    hook.before_train(other)
    assert embed(other).shape[1] == 3 * 192


@pytest.fixture
def several(repo):
    """A network of joints with readouts of its own for two actions."""
    cfg = Config.fromfile(str(repo / "configs" / "la2ds_plus_penn_action_cpu.py"))
    cfg.model.data_preprocessor.update(skeleton="coco17", heatmap=None)
    cfg.model.members = cfg.model.members[2:]
    cfg.model.readout = dict(num_components=6, num_prototypes=4)
    cfg.model.readout_actions = ["nobody's", "wave"]
    with DefaultScope.overwrite_default_scope("mmalign"):
        torch.manual_seed(0)
        model = MODELS.build(cfg.model.to_dict())
        yield cfg, model


def test_an_action_has_its_own_readout(several, monkeypatch):
    cfg, model = several
    rng = np.random.default_rng(0)
    clips = {
        action: {name: rng.normal(place, 1, (30, 192)).astype(np.float32) for name in "ab"}
        for action, place in (("lift", 0), ("wave", 1))
    }
    hook = ReadoutHook(cfg.test_pipeline)
    monkeypatch.setattr(hook.clips, "embed", lambda runner: clips)
    runner = SimpleNamespace(cfg=cfg, model=model, epoch=1, max_epochs=2)
    hook.after_train_epoch(runner)
    assert [bool(one.fitted) for one in model.action_readouts] == [False, True]

    pose = [torch.rand(n, 17, 3) for n in (5, 9, 7)]
    samples = [
        SimpleNamespace(frame_inds=[torch.arange(len(one)).float()], action=action)
        for one, action in zip(pose, ("lift", "wave", "nobody's"), strict=True)
    ]
    batch = model.eval().data_preprocessor(dict(inputs={"pose": [pose]}, data_samples=samples))
    with torch.no_grad():
        found = model(**batch, mode="predict")
        raw = BaseAligner.embed(model, batch["inputs"][0])
    frames = {action: np.concatenate(list(parts.values())) for action, parts in clips.items()}
    readouts = {"all": Readout(192, 6, 4), "wave": Readout(192, 6, 4)}
    readouts["all"].fit(np.concatenate([frames["lift"], frames["wave"]]))
    readouts["wave"].fit(frames["wave"])
    for number, name in enumerate(("all", "wave", "all")):
        expected = readouts[name](raw[number, : len(pose[number])])
        torch.testing.assert_close(found[number].embedding, expected)

    hook.before_train(runner)
    assert not model.readout.fitted and not model.action_readouts[1].fitted


def test_readouts_of_actions_are_kept_with_the_weights(several):
    cfg, model = several
    model.readout.fit(np.random.default_rng(0).normal(size=(50, 192)).astype(np.float32))
    model.action_readouts[1].fit(np.random.default_rng(1).normal(size=(50, 192)).astype(np.float32))
    with DefaultScope.overwrite_default_scope("mmalign"):
        again = MODELS.build(cfg.model.to_dict())
    again.load_state_dict(model.state_dict())
    assert [bool(one.fitted) for one in again.action_readouts] == [False, True]
    assert torch.equal(again.action_readouts[1].components, model.action_readouts[1].components)


def test_readouts_of_actions_need_one_of_all_and_each_action_once(several):
    cfg, _ = several
    for wrong in (["wave", "lift", "wave"], "wave"):
        cfg.model.readout_actions = wrong
        with pytest.raises(ValueError, match="expected a list with each action once"):
            MODELS.build(cfg.model.to_dict())
    cfg.model.readout_actions = ["wave"]
    cfg.model.readout = None
    with pytest.raises(ValueError, match="readout_actions need a readout"):
        MODELS.build(cfg.model.to_dict())


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
