"""The hook that projects an ensemble's embeddings onto their principal components."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmalign.engine.hooks import PrincipalComponentsHook
from mmalign.engine.hooks.training_clips import TrainingClips
from mmalign.errors import InputError
from mmalign.registry import MODELS


@pytest.fixture
def runner(repo):
    cfg = Config.fromfile(str(repo / "configs" / "la2ds_plus_penn_action_cpu.py"))
    cfg.model.data_preprocessor.skeleton = "coco17"
    cfg.model.num_components = 12
    toy = dict(type="ToyPoseDataset", activity="lift", num_sequences=3, length=(40, 60))
    cfg.train_dataloader.dataset = dict(repeat=2, pipeline=cfg.trimmed_train_pipeline, **toy)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope("mmalign"):
        model = MODELS.build(cfg.model.to_dict())
        yield SimpleNamespace(cfg=cfg, model=model, epoch=0, max_epochs=2)


def embed(runner):
    clips = TrainingClips(runner.cfg.test_pipeline).embed(runner)
    return np.concatenate(list(clips["lift"].values()))


def test_distances_are_those_of_the_largest_components(runner):
    hook = PrincipalComponentsHook(runner.cfg.test_pipeline, batch_size=2)
    hook.before_train(runner)
    whole = embed(runner)
    assert whole.shape[1] == 3 * 192
    hook.after_train_epoch(runner)
    assert embed(runner).shape == whole.shape
    runner.epoch = 1
    hook.after_train_epoch(runner)
    projected = embed(runner)
    assert projected.shape[1] == 12 and runner.model.training
    centred = whole - whole.mean(axis=0)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(projected.std(axis=0), singular[:12] / len(whole) ** 0.5, rtol=1e-3)
    np.testing.assert_allclose(
        projected @ projected.T, centred @ rows[:12].T @ rows[:12] @ centred.T, atol=1e-2
    )


def test_components_are_kept_with_the_weights_and_found_anew_by_a_training_that_goes_on(runner):
    hook = PrincipalComponentsHook(runner.cfg.test_pipeline)
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
    PrincipalComponentsHook(runner.cfg.test_pipeline).after_train_epoch(
        SimpleNamespace(**{**vars(runner), "epoch": 1})
    )
    model = runner.model.eval()
    pose = [torch.rand(n, 17, 3) for n in (5, 9)]
    samples = [SimpleNamespace(frame_inds=[torch.arange(len(p)).float()]) for p in pose]
    batch = model.data_preprocessor(dict(inputs={"pose": [pose]}, data_samples=samples))
    with torch.no_grad():
        found = model(batch["inputs"], mode="tensor")
    assert found.shape == (2, 9, 12)
    assert (found[0, 5:] == 0).all() and (found[0, :5] != 0).all()


def test_a_model_without_components_is_told_before_training(runner):
    runner.model.num_components = None
    with pytest.raises(InputError, match="give an EnsembleAligner num_components"):
        PrincipalComponentsHook(runner.cfg.test_pipeline).before_train(runner)
