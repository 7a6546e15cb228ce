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
