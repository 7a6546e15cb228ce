"""Registries: every location imports, and every type that a config names is found."""

import importlib
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS as ROOT
from mmengine.registry import DefaultScope

from mmalign import registry
from mmalign.registry import Registry

CHILDREN = [value for value in vars(registry).values() if isinstance(value, Registry)]
FOLDER = Path(__file__).parents[1] / "configs"
CONFIGS = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*.py")
    # Those of `pose` are MMPose's.
    if not {"_base_", "pose"} & set(path.parts) and path.name != "tables.py"
)
OURS = [child for child in CHILDREN if child.scope == "mmalign"]


@pytest.mark.parametrize("child", OURS, ids=lambda child: child.name)
def test_locations_import(child):
    for location in child._locations:
        importlib.import_module(location)


def test_ours_are_found_from_mmengines_root():
    with DefaultScope.overwrite_default_scope("mmalign"):
        assert ROOT.get("mmalign.PoseSequenceDataset").__name__ == "PoseSequenceDataset"


def types(node):
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node["type"]
        for value in node.values():
            yield from types(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from types(value)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_type_of_a_config_is_known(repo, name):
    cfg = Config.fromfile(str(repo / "configs" / name))
    known = {}
    for child in CHILDREN:
        for scope in (child, child.parent):
            scope and scope.import_from_location()
            known.update(scope.module_dict if scope else {})
    missing = set(types(cfg._cfg_dict.to_dict())) - set(known)
    assert not missing


def test_configs_are_there():
    assert {"la2ds_penn_action.py", "baselines/casa_3d_h2o.py"} <= set(CONFIGS)
