"""Loading a config and the options that every command has in common."""

from __future__ import annotations

import argparse
import difflib
import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from mmalign.errors import InputError
from mmalign.fileio import NO_ROOM

_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")


class _Options(DictAction):
    """MMEngine's reading of ``KEY=VALUE``, which fails on anything else."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        for value in values:
            if not value.partition("=")[1]:
                parser.error(f"--cfg-options: found {value!r}, expected KEY=VALUE")
        super().__call__(parser, namespace, values, option_string)


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add CONFIG and the options that change it: see `load_config`."""
    parser.add_argument("config", metavar="CONFIG", help="config file, e.g. configs/la2ds_toy.py")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=_Options,
        metavar="KEY=VALUE",
        help="change entries of the config, e.g. train_cfg.max_epochs=10"
        " model.encoder.temporal_depth=2",
    )
    parser.add_argument("--data-root", metavar="DIR", help="folder of the prepared data set")
    parser.add_argument(
        "--action", nargs="+", metavar="NAME", help="use these actions' sequences only"
    )
    parser.add_argument(
        "--holdout",
        type=parse_holdout,
        metavar="K/N",
        help="choose a recipe without the validation split: every N-th training clip, from the K-th"
        " on, plays it (see PoseSequenceDataset)",
    )
    parser.add_argument("--seed", type=int, help="seed of all that is random")


def parse_holdout(text: str) -> tuple[int, int]:
    """Turn ``K/N`` into numbers.

    Raises:
        argparse.ArgumentTypeError: If it is not two numbers with 0 <= K < N.
    """
    fold, _, folds = text.partition("/")
    if not (fold.isdigit() and folds.isdigit() and int(fold) < int(folds)):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected K/N with 0 <= K < N, e.g. 0/3")
    return int(fold), int(folds)


def parse_action_checkpoint(text: str) -> tuple[str, str]:
    """Turn ``ACTION=CKPT`` into an action and the path of the checkpoint trained on it.

    Raises:
        argparse.ArgumentTypeError: If one of the two is missing.
    """
    action, _, checkpoint = text.partition("=")
    if not (action and checkpoint):
        raise argparse.ArgumentTypeError(
            f"found {text!r}, expected ACTION=CKPT, e.g. pushups=work_dirs/pushups/epoch_20.pth"
        )
    return action, checkpoint


def add_checkpoint_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a tool that looks at checkpoints of actions of a prepared data set.

    They are ``--data-root``, ``--checkpoint``, pairs of :func:`parse_action_checkpoint`, and
    ``--out``.
    """
    parser.add_argument("--data-root", required=True, metavar="DIR", help="a prepared data set")
    parser.add_argument(
        "--checkpoint",
        required=True,
        nargs="+",
        type=parse_action_checkpoint,
        metavar="ACTION=CKPT",
        help="an action and the checkpoint trained on it",
    )
    parser.add_argument("--out", metavar="FILE", help="a JSON file for the figures")


def config_from(args: argparse.Namespace) -> Config:
    """Load the config that the arguments of `add_config_arguments` ask for; see `load_config`."""
    return load_config(
        args.config, args.cfg_options, args.data_root, args.action, args.seed, args.holdout
    )


def load_config(
    path: str | Path,
    cfg_options: Mapping[str, Any] | None = None,
    data_root: str | Path | None = None,
    action: str | list[str] | None = None,
    seed: int | None = None,
    holdout: tuple[int, int] | None = None,
) -> Config:
    """Read a config file and apply what the command line changes in it.

    Args:
        path: A Python config.
        cfg_options: Dotted keys and values; a key starts with a name that the config has, or that
            MMEngine's Runner takes.
        data_root: Put into every data set of the config that has a ``data_root``.
        action: Put into every data set of the config that has an ``action`` or a ``data_root``.
        seed: Put into ``randomness``.
        holdout: Put into every data set of the config.

    Raises:
        InputError: If the file is missing, no valid config, or an option does not fit it.
    """
    cfg = _read(Path(path))
    if cfg_options:
        _merge(cfg, cfg_options, str(path))
    if data_root is not None:
        _set_in_datasets(cfg, str(path), "data_root", str(data_root), needs={"data_root"})
    if action is not None:
        only = action[0] if isinstance(action, list) and len(action) == 1 else action
        _set_in_datasets(cfg, str(path), "action", only, needs={"action", "data_root"})
    if holdout is not None:
        for dataset in iterate_datasets(cfg):
            dataset["holdout"] = holdout
    if seed is not None:
        cfg.randomness = {**cfg.get("randomness", {}), "seed": seed}
    return cfg


def shipped_config(name: str) -> Path:
    """Return the path of a config of the clone that this package is installed from.

    Args:
        name: Its path in the clone, e.g. ``configs/la2ds_toy.py``.

    Raises:
        InputError: If the package was installed without its configs.
    """
    clone = Path(__file__).resolve().parents[2]
    for folder in (clone, Path.cwd()):
        if (folder / name).is_file():
            return folder / name
    raise InputError(
        f"{name}: neither in {clone} nor in the current folder; run the command from a clone that"
        " was installed with `pip install -e .`"
    )


def _read(path: Path) -> Config:
    if not path.is_file():
        raise InputError(
            f"{path}: no such config file; expected a Python config, e.g. configs/la2ds_toy.py"
            " (paths are relative to the folder you are in)"
        )
    if path.suffix != ".py":
        raise InputError(f"{path}: a {path.suffix or 'nameless'} file; expected a Python config")
    try:
        return Config.fromfile(str(path))
    except FileNotFoundError as error:
        raise InputError(f"{path}: its base is missing: {error}") from error
    except SyntaxError as error:
        raise InputError(f"{path}: line {error.lineno}: {error.msg}") from error
    except Exception as error:  # A config is a program: anything may come out of it.
        raise InputError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error


def _merge(cfg: Config, options: Mapping[str, Any], path: str) -> None:
    known = set(cfg) | set(inspect.signature(Runner.__init__).parameters) - {"self", "cfg"}
    for key in options:
        name = key.split(".")[0]
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"{path} has: {', '.join(sorted(cfg))}"
            raise InputError(f"--cfg-options {key}: there is no {name} in {path}; {hint}")
    try:
        cfg.merge_from_dict(dict(options))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"--cfg-options: does not fit {path}: {error}") from error


@contextmanager
def told_of_options(options: Mapping[str, Any] | None) -> Iterator[None]:
    """Turn what fails with options into a line that names them, their values being anything.

    Raises:
        InputError: If there are options and the body fails. ``MMALIGN_TRACEBACK=1`` lets the error
            through as it is.
    """
    try:
        yield
    except InputError:
        raise
    # A value of any type reaches constructors, networks and loops: anything may come out of them.
    except Exception as error:
        no_room = isinstance(error, OSError) and error.errno in NO_ROOM
        if not options or no_room or os.environ.get("MMALIGN_TRACEBACK"):
            raise
        given = ", ".join(f"{key}={value!r:.40}" for key, value in options.items())
        lines = [line for line in str(error).splitlines() if line.strip()]
        what = f"{type(error).__name__}: {lines[-1] if lines else 'no message'!s:.200}"
        raise InputError(
            f"--cfg-options: {what}; check names and values of {given:.300} "
            "(MMALIGN_TRACEBACK=1 shows where it failed)"
        ) from error


def _set_in_datasets(cfg: Config, path: str, key: str, value: Any, needs: set[str]) -> None:
    found = [d for d in iterate_datasets(cfg) if needs & set(d)]
    if not found:
        option = f"--{key.replace('_', '-')}"
        raise InputError(
            f"{option} {value}: no data set of {path} reads one (none has"
            f" {' or '.join(sorted(needs))}); leave {option} out"
        )
    for dataset in found:
        dataset[key] = value


def iterate_datasets(cfg: Config, loaders: Sequence[str] = _LOADERS) -> Iterator[dict[str, Any]]:
    """Yield the config of each data set of the three loaders, or of some, wrappers opened."""
    pending = [cfg[name].get("dataset") for name in loaders if cfg.get(name)]
    while pending:
        dataset = pending.pop(0)
        if not isinstance(dataset, dict):
            continue
        inner = [dataset["dataset"]] if "dataset" in dataset else dataset.get("datasets", [])
        if inner:
            pending[:0] = inner
        else:
            yield dataset
