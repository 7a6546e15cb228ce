"""The hook that aligns the training clips with each other."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmalign.engine.hooks import CommonTimeHook
from mmalign.errors import InputError
from mmalign.registry import MODELS


@pytest.fixture
def runner(repo):
    cfg = Config.fromfile(str(repo / "configs" / "la2ds_plus_penn_action_cpu.py"))
    cfg.model.data_preprocessor.skeleton = "coco17"
    toy = dict(type="ToyPoseDataset", activity="lift", num_sequences=5, length=(40, 60))
    cfg.train_dataloader.dataset = dict(repeat=8, pipeline=cfg.trimmed_train_pipeline, **toy)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope("mmalign"):
        yield SimpleNamespace(cfg=cfg, model=MODELS.build(cfg.model.to_dict()), epoch=0)


def test_every_training_clip_gets_a_time_once_it_begins(runner):
    hook = CommonTimeHook(runner.cfg.test_pipeline, begin=2, batch_size=2)
    model = runner.model.train()
    hook.before_train_epoch(runner)
    assert model.losses.cross_clip.common_times == {}
    runner.epoch = 2
    before = {name: value.clone() for name, value in model.state_dict().items()}
    hook.before_train_epoch(runner)
    times = model.losses.cross_clip.common_times
    assert sorted(times) == [f"lift_train_{i:04d}" for i in range(5)]
    mean = sum(len(time) for time in times.values()) / 5
    for time in times.values():
        assert time[0] == 0 and time[-1] == pytest.approx(mean) and (time.diff() > 0).all()
    assert model.training
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_times_follow_from_the_weights_alone(runner):
    runner.epoch = 5
    found = []
    for batch_size in (1, 4):
        CommonTimeHook(runner.cfg.test_pipeline, batch_size=batch_size).before_train_epoch(runner)
        found.append(runner.model.losses.cross_clip.common_times)
    for name, time in found[0].items():
        torch.testing.assert_close(time, found[1][name], rtol=1e-3, atol=1e-3)


def test_a_model_without_the_loss_is_told_before_training(runner):
    del runner.model.losses.cross_clip
    with pytest.raises(InputError, match="no loss between clips"):
        CommonTimeHook(runner.cfg.test_pipeline).before_train_epoch(runner)


def test_several_data_sets_and_actions_without_a_common_time(runner):
    one = dict(runner.cfg.train_dataloader.dataset, num_sequences=2)
    sets = [dict(one, activity=name) for name in ("lift", "throw", "random_0")]
    both = dict(type="ConcatDataset", ignore_keys=["phases"], datasets=sets)
    runner.cfg.train_dataloader.dataset = both
    runner.epoch = 2
    CommonTimeHook(runner.cfg.test_pipeline, without=["throw"]).before_train_epoch(runner)
    times = runner.model.losses.cross_clip.common_times
    assert sorted(times) == [
        f"{name}_train_000{i}" for name in ("lift", "random_0") for i in (0, 1)
    ]
