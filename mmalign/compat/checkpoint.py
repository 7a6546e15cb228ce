"""Reading checkpoints without running what is in them.

Upstream (MMEngine 0.10.7):

* Its loader calls ``torch.load(path)``. Up to torch 2.5 that unpickles, hence runs, anything; from
  2.6 on it refuses every checkpoint of MMEngine's own, because its message hub holds objects
  (``HistoryBuffer``). `mmalign.engine.hooks.CheckpointStateHook` writes plain containers instead.
* Checkpoints named by a URL go through ``torch.hub.load_state_dict_from_url``, which still
  unpickles anything.
* ``Runner.resume`` executes the text that it finds under ``meta.config`` as a Python file.

Importing this module replaces MMEngine's loaders; nothing but tensors and plain containers is
unpickled by any of them.
"""

from __future__ import annotations

import pickle
import re
import tarfile
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import barrier, get_rank
from mmengine.runner import CheckpointLoader

from mmalign.errors import InputError

MapLocation = Any
"""What ``torch.load`` takes as ``map_location``."""


def read_checkpoint(path: str | Path, map_location: MapLocation = "cpu") -> dict[str, Any]:
    """Read a checkpoint file, unpickling nothing but tensors and plain containers.

    Args:
        path: A local file.
        map_location: As for ``torch.load``.

    Returns:
        The checkpoint: a dict with ``state_dict``, or itself a state dict.

    Raises:
        InputError: If the file is missing, truncated, no checkpoint, or would have to run code.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError(f"{path}: no such checkpoint file; check the path")
    try:
        # Up to torch 2.5 even its safe loader unpacks and runs such files (CVE-2025-32434).
        if tarfile.is_tarfile(path):
            raise pickle.UnpicklingError("a tar archive, as torch wrote before 0.1.10")
        checkpoint = torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(_refusal(path, error)) from error
    # What torch.load raises for files that are cut, garbled or of another kind: anything.
    except Exception as error:
        raise InputError(
            f"{path}: not a readable checkpoint ({_first_line(error)}); the file is truncated or"
            " corrupt: copy it again, or resume from an earlier one"
        ) from error
    return _checked(checkpoint, path)


def _refusal(path: Path, error: Exception) -> str:
    """Say what the unpickler refused; torch's own text runs over ten lines."""
    refused = re.search(r"unsupported global:? (?:GLOBAL )?(\S+)", str(error), re.IGNORECASE)
    if refused:
        return (
            f"{path}: refused, because it holds `{refused[1]}`, and reading that could run code;"
            " expected tensors and plain containers only: use a checkpoint written by mmalign, or"
            " one whose state_dict alone was saved again"
        )
    return (
        f"{path}: not a readable checkpoint; expected a file written by torch.save with tensors and"
        " plain containers only: copy it again, or use an earlier one"
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")[:120]


def _checked(checkpoint: object, path: Path) -> dict[str, Any]:
    """Return ``checkpoint`` if it has the shape of one, less what upstream would execute."""
    state = checkpoint.get("state_dict", checkpoint) if isinstance(checkpoint, dict) else None
    if not isinstance(checkpoint, dict) or not isinstance(state, dict):
        raise InputError(
            f"{path}: holds a {type(checkpoint).__name__} without weights; expected a dict with"
            " `state_dict`: name a checkpoint such as work_dirs/*/epoch_*.pth"
        )
    odd = [key for key, value in state.items() if not isinstance(value, torch.Tensor)]
    if odd:
        raise InputError(
            f"{path}: entry {odd[0]!r} of its weights is a {type(state[odd[0]]).__name__}; expected"
            " tensors only: name a checkpoint such as work_dirs/*/epoch_*.pth"
        )
    meta = checkpoint.get("meta", {})
    whole = isinstance(meta, dict) and all(
        type(meta.get(key, 0)) is int for key in ("epoch", "iter")
    )
    if not whole:
        raise InputError(
            f"{path}: its meta is {meta!r:.60}, expected a dict with whole numbers epoch and iter;"
            " the file is corrupt: copy it again, or use an earlier one"
        )
    if "meta" in checkpoint:
        # Runner.resume would run this text as a Python file, only to compare `gpu_ids`.
        meta.pop("config", None)
    return checkpoint


@CheckpointLoader.register_scheme(prefixes="", force=True)
def load_from_local(filename: str, map_location: MapLocation = None) -> dict[str, Any]:
    """Read a local checkpoint for MMEngine (see `read_checkpoint`)."""
    return read_checkpoint(filename, map_location)


@CheckpointLoader.register_scheme(prefixes=("http://", "https://"), force=True)
def load_from_http(filename: str, map_location: MapLocation = None) -> dict[str, Any]:
    """Download a checkpoint once per machine and read it as `read_checkpoint` does."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    target = folder / filename.rsplit("/", 1)[-1]
    if get_rank() == 0 and not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(filename, str(target), progress=False)
        except OSError as error:
            raise InputError(
                f"{filename}: cannot be downloaded ({_first_line(error)}); check the address, or"
                " download it yourself and give the file's path"
            ) from error
    barrier()
    return read_checkpoint(target, map_location)


_OTHER_SCHEMES = [
    prefix for prefix in CheckpointLoader._schemes if prefix not in ("", "http://", "https://")
]


@CheckpointLoader.register_scheme(prefixes=_OTHER_SCHEMES, force=True)
def load_from_elsewhere(filename: str, map_location: MapLocation = None) -> dict[str, Any]:
    """Refuse the model-zoo schemes, whose upstream loaders unpickle anything.

    Raises:
        InputError: Always.
    """
    raise InputError(
        f"{filename}: checkpoints are read from local files and http(s) addresses only; download"
        " it and give the file's path"
    )
