"""Networks that come with the package: weights in half precision, and what is known of them.

A network ``NAME`` is two files in ``mmalign/weights``: ``NAME.npz``, its arrays, without pickles,
and ``NAME.json``, its config and where it comes from. :func:`pack` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmalign.compat import read_checkpoint
from mmalign.compat.checkpoint_config import config_of
from mmalign.errors import InputError
from mmalign.fileio import atomic_write, write_json

FOLDER = Path(__file__).resolve().parents[1] / "weights"
DEFAULT = "general"
"""The network that is used where none is named."""

# Of a config, what a network is built and fed by.
_NEEDED = ("model", "train_dataloader", "test_dataloader")


def packaged_models(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """What is known of every packaged network, by name.

    Returns:
        Per name the content of its JSON file: ``description``, ``skeleton``, ``data`` (per source
        its name, licence and number of clips), ``command``, ``commit``, ``figures``, ``config``.
    """
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def is_packaged(checkpoint: str | Path, folder: Path = FOLDER) -> bool:
    """Whether a packaged network is meant by this name: a file of the same name comes first."""
    name = str(checkpoint)
    return (name == DEFAULT or name in packaged_models(folder)) and not Path(name).is_file()


def read_packaged(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """A packaged network as a checkpoint: ``meta`` with its config, and ``state_dict``.

    Raises:
        InputError: If there is none of that name.
    """
    known = packaged_models(folder)
    if name not in known or not (folder / f"{name}.npz").is_file():
        raise InputError(
            f"{name}: no network of that name comes with the package, which has"
            f" {', '.join(known) or 'none'}; name a checkpoint file, or install the package anew"
        )
    with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
        state = {key: _tensor(archive[key]) for key in archive.files}
    return {"meta": {"cfg": known[name]["config"]}, "state_dict": state}


def pack(
    checkpoint: str | Path, name: str, facts: Mapping[str, Any], folder: Path = FOLDER
) -> list[Path]:
    """Make a packaged network of a checkpoint of ``mmalign train``.

    Args:
        checkpoint: The file.
        name: The network's name.
        facts: What its JSON file is to say beside the config.
        folder: Where to write.

    Returns:
        The files written.

    Raises:
        InputError: If the checkpoint cannot be read or carries no config.
    """
    content = read_checkpoint(checkpoint)
    config = {key: value for key, value in config_of(content, checkpoint).items() if key in _NEEDED}
    text = "".join(f"{key} = {value!r}\n" for key, value in config.items())
    arrays = {key: _halved(value) for key, value in content["state_dict"].items()}
    weights, known = folder / f"{name}.npz", folder / f"{name}.json"
    with atomic_write(weights) as temporary:
        np.savez_compressed(temporary, **arrays)
    write_json(known, {**facts, "config": text})
    return [weights, known]


def _halved(value: torch.Tensor) -> np.ndarray:
    array = value.cpu().numpy()
    return array.astype(np.float16) if array.dtype == np.float32 else array


def _tensor(array: np.ndarray) -> torch.Tensor:
    whole = array.astype(np.float32) if array.dtype == np.float16 else array
    return torch.from_numpy(whole.copy())
