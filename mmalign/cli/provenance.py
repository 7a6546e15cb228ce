"""What a result was computed with: the config's hash, the data's, the packages' versions."""

from __future__ import annotations

import hashlib
import json
import platform
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmalign.cli.config import iterate_datasets, load_config
from mmalign.cli.stages import stages_of
from mmalign.poses.pose_index import INDEX_NAME, read_index
from mmalign.version import __version__

PACKAGES = ("torch", "mmengine", "mmcv-lite", "mmcv", "numpy", "scipy", "scikit-learn")

# Where a run reads and writes, and which of an experiment's runs it is: not the recipe.
_PLACES = {"data_root", "work_dir", "load_from", "resume", "launcher", "model_wrapper_cfg"}
_COORDINATES = {"action", "randomness.seed"}


def config_hash(cfg: Config) -> str:
    """Hash of a config: equal for all runs of one recipe, whatever their action, seed and folders.

    Args:
        cfg: A complete config.

    Returns:
        16 hexadecimal digits of SHA-256 over the canonical JSON of the config.
    """
    recipe = _without(cfg.to_dict(), _PLACES | _COORDINATES)
    for name, stage in stages_of(cfg).items():
        if stage.config is None:
            recipe["stages"][name] = "given"
        elif stage.config.is_file():  # Not so where the config was copied, as into a work dir.
            recipe["stages"][name] = config_hash(load_config(stage.config, stage.options))
    text = json.dumps(recipe, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def data_hash(cfg: Config) -> str | None:
    """Hash of the pose sequences of a config's actions, in all splits.

    It follows what the indices of the prepared data sets say of them and what the pose files hold,
    by the checksums that these carry, in the index's order: a data set that is prepared anew has
    the same hash if its content is the same.

    Args:
        cfg: A complete config.

    Returns:
        16 hexadecimal digits of SHA-256, or None if no data set has an index (generated data) with
        sequences of the actions.

    Raises:
        InputError: If an index cannot be read.
    """
    content = {}
    read = cache(read_index)
    for dataset in iterate_datasets(cfg):
        root, actions = dataset.get("data_root"), dataset.get("action")
        if not root or not Path(root, INDEX_NAME).is_file():
            continue
        wanted = {actions} if isinstance(actions, str) else actions and set(actions)
        for entry in read(root).sequences:
            place = Path(root, entry.file)
            if str(place) not in content and (not wanted or entry.action in wanted):
                content[str(place)] = [asdict(entry), _checksums(place)]
    if not content:
        return None
    text = json.dumps(list(content.values()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _checksums(path: Path) -> list[tuple[str, int]]:
    """Names and checksums of a pose file's arrays; none if it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [(member.filename, member.CRC) for member in archive.infolist()]
    except (OSError, zipfile.BadZipFile):
        return []


def package_versions() -> dict[str, str]:
    """Versions of Python, this package and what figures depend on, where installed."""
    versions = {"python": platform.python_version(), "mmalign": __version__}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _without(value: Any, names: set[str], prefix: str = "") -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _without(item, names, f"{key}.")
            for key, item in value.items()
            if str(key) not in names and f"{prefix}{key}" not in names
        }
    if isinstance(value, (list, tuple)):
        return [_without(item, names) for item in value]
    return value
