"""Two-stage training in one command: what it leaves, resuming, given checkpoints."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook

from mmalign.cli.config import load_config
from mmalign.cli.provenance import config_hash
from mmalign.cli.resuming import is_finished
from mmalign.cli.stages import stages_of
from mmalign.cli.test import main as score
from mmalign.cli.train import main
from mmalign.compat import read_checkpoint
from mmalign.errors import InputError
from mmalign.registry import HOOKS

TINY = {
    "train_dataloader.batch_size": 2,
    "train_dataloader.num_workers": 0,
    "train_dataloader.persistent_workers": False,
    "train_dataloader.dataset.num_sequences": 4,
    "train_dataloader.dataset.repeat": 1,
    "train_cfg.max_epochs": 2,
    "randomness.deterministic": True,
    "custom_hooks": [
        dict(type=name) for name in ("DatasetEpochHook", "RandomStateHook", "CheckpointStateHook")
    ],
    "visualizer.vis_backends": [dict(type="LocalVisBackend")],
}


@HOOKS.register_module(force=True)
class InterruptHook(Hook):
    """Press Ctrl-C before a given step."""

    def __init__(self, at: int) -> None:
        self.at = at

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        if runner.iter == self.at:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def configs(tmp_path_factory) -> Path:
    """A folder with the shipped toy configs, made tiny."""
    folder = tmp_path_factory.mktemp("configs")
    shipped = Path(__file__).resolve().parents[2] / "configs" / "fusion"
    for name in ("la2ds_pose_toy", "la2ds_rgb_toy", "la2ds_rgb_pose_toy"):
        cfg = Config.fromfile(str(shipped / f"{name}.py"))
        cfg.merge_from_dict(TINY)
        small = dict(dim=24, num_heads=2, temporal_depth=1)
        heads = dict(cross=dict(dim=24), head=dict(dim=24, hidden=24, out=16))
        if "encoders" in cfg.model:
            encoders = dict(pose=small, rgb=small)
            cfg.merge_from_dict(dict(model=dict(encoders=encoders, fusion=dict(dim=24), **heads)))
        else:
            cfg.merge_from_dict(dict(model=dict(encoder=small, **heads)))
        cfg.test_dataloader.dataset.dataset.num_sequences = 3
        cfg.dump(str(folder / f"{name}.py"))
    return folder


@pytest.fixture(scope="module")
def whole(configs: Path, tmp_path_factory) -> Path:
    """The work dir of a training that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    assert main([str(configs / "la2ds_rgb_pose_toy.py"), "--work-dir", str(folder)]) == 0
    return folder


def weights(path: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(path)["state_dict"]


def assert_equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for name, weight in a.items():
        assert torch.equal(weight, b[name]), name


def test_each_branch_starts_from_its_own_training(configs: Path, whole: Path, tmp_path) -> None:
    arguments = [str(configs / "la2ds_rgb_pose_toy.py"), "--work-dir", str(tmp_path)]
    given = [
        f"stages.{name}.checkpoint={whole / f'stage_{name}' / 'epoch_2.pth'}"
        for name in ("pose", "rgb")
    ]
    still = ["--cfg-options", *given, "optim_wrapper.optimizer.lr=0.0", "train_cfg.max_epochs=1"]
    assert main([*arguments, *still]) == 0
    assert not list(tmp_path.glob("stage_*"))  # Both were given: nothing to train.
    joint = weights(tmp_path / "epoch_1.pth")
    for name in ("pose", "rgb"):
        alone = weights(whole / f"stage_{name}" / "epoch_2.pth")
        parts = {k: w for k, w in alone.items() if k.startswith(("encoder.", "cross."))}
        branch = f"branches.{name}."
        mine = {k.removeprefix(branch): w for k, w in joint.items() if k.startswith(branch)}
        assert_equal(mine, parts)


def test_one_command_leaves_all_stages(whole: Path) -> None:
    for folder in (whole / "stage_pose", whole / "stage_rgb", whole):
        assert (folder / "epoch_2.pth").is_file()
    start, end = weights(whole / "stages.pth"), weights(whole / "epoch_2.pth")
    assert all(name.startswith("branches.") for name in start)
    # Joint training goes on with both encoders.
    for name in ("pose", "rgb"):
        key = f"branches.{name}.encoder.patch_embed.weight"
        assert not torch.equal(start[key], end[key])


def test_a_run_cut_in_either_stage_goes_on_to_the_same_result(
    configs: Path, whole: Path, tmp_path: Path
) -> None:
    hook = "default_hooks.stop.type=InterruptHook", "default_hooks.stop.at=3"  # In epoch 2.
    arguments = [str(configs / "la2ds_rgb_pose_toy.py"), "--work-dir", str(tmp_path), "--resume"]
    in_stage = [f"stages.rgb.options.{option}" for option in hook]
    assert main([*arguments, "--cfg-options", *in_stage]) == 130
    assert (tmp_path / "stage_rgb" / "epoch_1.pth").is_file()
    pose = tmp_path / "stage_pose" / "epoch_2.pth"
    before = pose.stat().st_mtime_ns
    assert main([*arguments, "--cfg-options", *hook]) == 130
    assert (tmp_path / "epoch_1.pth").is_file()
    shutil.rmtree(tmp_path / "stage_rgb")  # What is past is not needed any more.
    assert main(arguments) == 0
    assert pose.stat().st_mtime_ns == before
    assert not (tmp_path / "stage_rgb").exists()
    assert_equal(weights(tmp_path / "epoch_2.pth"), weights(whole / "epoch_2.pth"))


@pytest.mark.slow
def test_fused_and_single_modalities_are_scored_in_one_run(
    configs: Path, whole: Path, tmp_path: Path, capsys
) -> None:
    fused = [str(configs / "la2ds_rgb_pose_toy.py"), str(whole / "epoch_2.pth")]
    assert score([*fused, "--out", str(tmp_path / "fused")]) == 0
    result = json.loads((tmp_path / "fused" / "metrics.json").read_text())
    assert set(result["modalities"]) == {"pose", "rgb", "without_pose", "without_rgb"}
    for figures in result["modalities"].values():
        assert {*figures} == {"published", "trimmed"}
        assert figures["trimmed"].keys() == result["trimmed"].keys()
    table = (tmp_path / "fused" / "metrics.md").read_text()
    assert "| | model | pose | rgb | without pose | without rgb |" in table

    # A pipeline without frames: the fused network with RGB missing.
    cfg = load_config(configs / "la2ds_rgb_pose_toy.py")
    cfg.test_dataloader.dataset.dataset.pipeline = [
        dict(type="CropToPoseBox", size=30),
        dict(type="PackAlignmentInputs", modalities=["pose"]),
    ]
    cfg.dump(str(tmp_path / "no_rgb.py"))
    alone = [str(tmp_path / "no_rgb.py"), fused[1], "--out", str(tmp_path / "alone")]
    assert score(alone) == 0
    dropped = json.loads((tmp_path / "alone" / "metrics.json").read_text())
    without = result["modalities"]["without_rgb"]
    assert dropped["trimmed"] == pytest.approx(without["trimmed"], abs=1e-6)
    # A stage's checkpoint is one of its own config.
    single = [str(configs / "la2ds_rgb_toy.py"), str(whole / "stage_rgb" / "epoch_2.pth")]
    assert score([*single, "--out", str(tmp_path / "rgb")]) == 0
    assert "modalities" not in json.loads((tmp_path / "rgb" / "metrics.json").read_text())


def test_a_checkpoint_that_fits_no_branch_is_refused_before_training(
    configs: Path, whole: Path, tmp_path: Path, capsys
) -> None:
    arguments = [str(configs / "la2ds_rgb_pose_toy.py"), "--work-dir", str(tmp_path / "w")]
    wrong = f"stages.pose.checkpoint={whole / 'stage_rgb' / 'epoch_2.pth'}"
    assert main([*arguments, "--cfg-options", wrong]) == 2
    assert "epoch_2.pth: not this model's weights" in capsys.readouterr().err
    assert main([*arguments, "--cfg-options", "stages.rgb.options.model.encoder.dim=48"]) == 2
    assert "la2ds_rgb_toy.py: not this model's weights" in capsys.readouterr().err
    assert not (tmp_path / "w" / "stage_pose").exists()


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (dict(flow=dict(config="x.py")), "has 'flow', expected some of .*pose, rgb"),
        (dict(rgb=dict()), r"stages.rgb is \{\}, expected config"),
        (dict(rgb=dict(config="x.py", epochs=3)), "expected config"),
        (dict(rgb="epoch_2.pth"), "stages.rgb is epoch_2.pth, expected config"),
    ],
)
def test_bad_stages_are_named(configs: Path, stages: dict, message: str) -> None:
    cfg = load_config(configs / "la2ds_rgb_pose_toy.py")
    cfg.stages = stages
    with pytest.raises(InputError, match=f"la2ds_rgb_pose_toy.py: .*{message}"):
        stages_of(cfg)


def test_a_missing_stage_config_is_named(configs: Path, tmp_path: Path, capsys) -> None:
    arguments = [str(configs / "la2ds_rgb_pose_toy.py"), "--work-dir", str(tmp_path)]
    assert main([*arguments, "--cfg-options", "stages.rgb.config=gone.py"]) == 2
    assert "gone.py: no such config file" in capsys.readouterr().err


def test_finished_is_by_epochs_or_by_steps(whole: Path) -> None:
    checkpoint = whole / "epoch_2.pth"  # Two steps an epoch.
    for wanted, expected in ((dict(max_epochs=2), True), (dict(max_epochs=3), False)):
        assert is_finished(Config(dict(train_cfg=wanted)), checkpoint) is expected
    for steps, expected in ((4, True), (5, False)):
        assert is_finished(Config(dict(train_cfg=dict(max_iters=steps))), checkpoint) is expected


def test_the_recipe_of_a_stage_is_part_of_the_recipe(configs: Path) -> None:
    def hashed(**options) -> str:
        return config_hash(load_config(configs / "la2ds_rgb_pose_toy.py", options))

    plain = hashed()
    assert hashed(**{"stages.rgb.options.model.loss.temperature": 0.5}) != plain
    given = {hashed(**{"stages.rgb.checkpoint": name}) for name in ("a.pth", "b.pth")}
    assert len(given) == 1 and plain not in given
