"""The other methods' configs: each trains on any data, all on the same terms, none by labels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import mmalign.engine  # noqa: F401
from mmalign.cli.config import load_config
from mmalign.evaluation.ablation import read_tables
from mmalign.formats.benchmarks.h2o import H2OReader
from mmalign.formats.benchmarks.ikea_asm import IkeaAsmReader
from mmalign.formats.convert import convert
from mmalign.registry import MODELS
from mmalign.toy import write_dataset
from mmalign.toy.h2o_tree import write_h2o
from mmalign.toy.ikea_tree import write_ikea_asm
from mmalign.toy.trees import ToyContent

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
FOLDER = CONFIGS / "baselines"
NAMES = sorted(
    str(path.relative_to(FOLDER).with_suffix(""))
    for kind in ("shared", "faithful", "gpu", "frames")
    for path in (FOLDER / kind).glob("*.py")
)
SHARED = [name for name in NAMES if name.startswith("shared/")]
WITH_FRAMES = ("frames/carl_toy", "frames/lav_toy", "frames/tcc_toy")
POSES = [name for name in NAMES if name not in WITH_FRAMES and "rgb" not in name]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> dict[str, Path]:
    """Bodies of two actions, hands as H2O has them, and bodies whose labels repeat, as IKEA has."""
    root = tmp_path_factory.mktemp("peers")
    few = dict(num_train=4, num_val=2, length=(36, 44))
    write_dataset(root / "coco17", ("lift", "throw"), **few)
    write_h2o(root / "h2o", ToyContent("pour", **few))
    records = [str(root / "h2o" / "npyrecords")]
    convert(H2OReader(root / "h2o", casa_record=records), root / "hands42")
    write_ikea_asm(root / "ikea", ToyContent("wave_squat", **few))
    convert(IkeaAsmReader(root / "ikea"), root / "ikea17")
    return {name: root / name for name in ("coco17", "hands42", "ikea17")}


def small(name: str, root: Path | None, skeleton: str) -> object:
    """A config with one block of each kind and few clips."""
    options = {
        "model.data_preprocessor.skeleton": skeleton,
        "train_dataloader.batch_size": 4,
        "train_dataloader.num_workers": 0,
        "train_dataloader.persistent_workers": False,
        "train_dataloader.dataset.repeat": 3,
    }
    if "supervised" in name:
        options["model.losses.phases.actions"] = []
    if name in WITH_FRAMES:
        options["train_dataloader.dataset.num_sequences"] = 5
    cfg = load_config(FOLDER / f"{name}.py", options, root)
    for part in (*cfg.model.get("members", [cfg.model]), *cfg.model.get("cues", [])):
        for depth in ("spatial_depth", "temporal_depth"):
            part.encoder[depth] = min(1, part.encoder.get(depth, 0))
    return cfg


def train(cfg, steps: int = 3, labels: bool = False) -> tuple[list[dict[str, float]], set[str]]:
    """Losses of each step, and the names of weights that no step has changed."""
    init_default_scope("mmalign")
    torch.manual_seed(0)
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    model = MODELS.build(cfg.model).train()
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    logged = []
    for _, batch in zip(range(steps), loader, strict=False):
        for sample in batch["data_samples"]:
            if not labels:
                sample.pop("labels", None)
        losses = model.train_step(batch, wrapper)
        logged.append({name: float(value.detach()) for name, value in losses.items()})
    assert len(logged) == steps
    after = dict(model.named_parameters())
    return logged, {name for name, weight in before.items() if torch.equal(weight, after[name])}


def check(name: str, cfg) -> None:
    """It trains without labels, unless it is the supervised twin, and all that it has learns."""
    logged, still = train(cfg, labels="supervised" in name)
    names = {f"loss_{key}" for key, loss in cfg.model.losses.items() if loss is not None}
    for losses in logged:
        assert set(losses) == {"loss", *names}
        assert all(torch.tensor(value).isfinite() for value in losses.values()), losses
        assert all(losses.values()), losses
    # Biases before a softmax over frames, and temperatures that are kept, do not move.
    assert all(re.search(r"log_temperature|attn.*bias|qkv", one) for one in still), still


@pytest.mark.parametrize("name", POSES)
def test_every_method_trains_without_labels(name: str, data) -> None:
    check(name, small(name, data["coco17"], "coco17"))


@pytest.mark.parametrize("name", WITH_FRAMES)
def test_methods_train_on_frames_of_the_generated_scene(name: str) -> None:
    check(name, small(name, None, "coco17"))


@pytest.mark.parametrize("name", ["shared/tcc", "faithful/lav", "shared/vava", "shared/supervised"])
@pytest.mark.parametrize("kind", ["hands42", "ikea17"])
def test_methods_train_on_hands_and_on_labels_that_repeat(name: str, kind: str, data) -> None:
    skeleton = "hands42" if kind == "hands42" else "coco17"
    check(name, small(name, data[kind], skeleton))


def bases(path: Path) -> set[Path]:
    """The files that a config is made of."""
    found = re.search(r"^_base_ = (\[.*?\]|\".*?\")", path.read_text(), re.M | re.S)
    inner = re.findall(r"\"(.*?)\"", found[1]) if found else []
    return {path}.union(*(bases((path.parent / one).resolve()) for one in inner))


@pytest.mark.parametrize("name", [one for one in POSES if "penn_action" not in one])
def test_a_config_is_made_of_six_files_at_most(name: str) -> None:
    assert len(bases(FOLDER / f"{name}.py")) <= 6


def test_the_table_compares_losses_by_one_network_on_the_same_terms() -> None:
    table = read_tables(CONFIGS / "ablations/tables.py")["peers"]
    files = {row.short: CONFIGS / "ablations" / f"{row.config}.py" for row in table.rows}
    configs = {name: load_config(file) for name, file in files.items()}
    assert {f"shared/{name}" for name in configs} >= set(SHARED)
    recipe = load_config(CONFIGS / "la2ds_plus_penn_action_all_cpu.py")
    for name, cfg in configs.items():
        if "heatmaps" not in name:
            assert cfg.model.members[0].encoder == recipe.model.members[2].encoder, name
            # Without heatmaps their size is not used, and the default is the recipe's.
            drawn = dict(heatmap=None, sigma=0.6, size=30)
            expected = {**recipe.model.data_preprocessor, **drawn}
            assert {**drawn, **cfg.model.data_preprocessor} == expected
        assert cfg.model.readout == recipe.model.readout and cfg.model.action_readouts
        assert cfg.train_cfg.max_epochs == recipe.train_cfg.max_epochs
        assert cfg.param_scheduler == recipe.param_scheduler
        for key in ("batch_size", "sampler"):
            assert cfg.train_dataloader[key] == recipe.train_dataloader[key], name
        ours, theirs = cfg.train_dataloader.dataset, recipe.train_dataloader.dataset
        assert (ours.repeat, ours.labelled_only) == (theirs.repeat, theirs.labelled_only)
        two = theirs.pipeline
        one = [*two[0]["view1"], two[1]]
        assert ours.pipeline in (one, two), name
        assert cfg.test_dataloader.dataset.dataset.pipeline == recipe.test_pipeline


def test_both_tables_have_the_same_methods_and_faithful_ones_have_no_readout() -> None:
    tables = read_tables(CONFIGS / "ablations/tables.py")
    faithful = {row.short for row in tables["peers_faithful"].rows}
    assert faithful == {name.removeprefix("faithful/") for name in NAMES if "faithful" in name}
    for name in faithful:
        pair = [FOLDER / kind / f"{name}.py" for kind in ("faithful", "shared")]
        ours, theirs = map(load_config, pair)
        assert ours.model.losses == theirs.model.losses and ours.model.readout is None
        assert ours.model.get("normalize") == theirs.model.get("normalize")
        assert ours.train_dataloader == theirs.train_dataloader
        assert "ReadoutHook" not in {hook["type"] for hook in ours.custom_hooks}
