"""One training and its test, each in a process of its own, done once and found again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from mmengine.config import Config

from mmalign.cli import train as train_command
from mmalign.cli.config import config_from
from mmalign.cli.locking import alone_in
from mmalign.cli.provenance import config_hash, data_hash
from mmalign.cli.resuming import is_finished
from mmalign.compat import read_checkpoint
from mmalign.errors import InputError
from mmalign.fileio import write_json

_LOCKS: dict[Path, Lock] = {}
_GUARD = Lock()


@dataclass(frozen=True)
class Run:
    """One model: a config trained on one action with one seed.

    Its folder ``WORK_DIR/ACTION/seed_S`` gets ``train/`` (checkpoints and MMEngine's logs),
    ``train.log`` (what the command printed) and ``timing.json`` (seconds, steps); its folder for
    results, the same one or ``variant`` in it, gets ``test.log``, ``metrics.json`` and
    ``metrics.md``. Runs that differ in their test alone share a training, and so do the actions of
    one model for all of them (``together``): theirs is in ``WORK_DIR/together/seed_S``, their
    results in folders of it.

    Attributes:
        config: Config file.
        data_root: Folder of the prepared data set.
        action: The action that is scored, and alone trained on if ``together`` is empty.
        seed: The seed.
        work_dir: Folder of the experiment.
        cfg_options: ``KEY=VALUE`` strings, as on the command line.
        holdout: ``K/N``, as on the command line.
        train_options: More options of ``mmalign train``.
        test_options: More options of ``mmalign test``.
        variant: Name of the folder for results where several tests share the training.
        together: Actions that the model is trained on; ``action`` is one of them.
        floors: Whether the test scores the floors too.
    """

    config: str
    data_root: str
    action: str
    seed: int
    work_dir: str
    cfg_options: tuple[str, ...] = ()
    holdout: str | None = None
    train_options: tuple[str, ...] = ()
    test_options: tuple[str, ...] = ()
    variant: str = ""
    together: tuple[str, ...] = ()
    floors: bool = True

    @property
    def folder(self) -> Path:
        """Where the training writes."""
        return Path(
            self.work_dir, "together" if self.together else self.action, f"seed_{self.seed}"
        )

    @property
    def results(self) -> Path:
        """Where the test writes."""
        return self.folder / (self.action if self.together else "") / self.variant

    @property
    def name(self) -> str:
        """What messages call the run."""
        return f"{self.action}, seed {self.seed}"

    @cached_property
    def _config(self) -> Config:
        return self._config_of(self._trained_on)

    def _config_of(self, actions: Sequence[str]) -> Config:
        return config_from(train_command.build_parser().parse_args(self._arguments(actions)))

    @cached_property
    def scored_data_hash(self) -> str | None:
        """Hash of the data of the action that is scored, as its result has it."""
        if not self.together:
            return self.identity["data_hash"]
        return data_hash(self._config_of([self.action]))

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What makes a result this run's: action, seed and the hashes of config and data.

        Raises:
            InputError: If the config cannot be used.
        """
        return {
            "config_hash": config_hash(self._config),
            "data_hash": data_hash(self._config),
            "action": self.action,
            "seed": self.seed,
        }

    @property
    def _training(self) -> dict[str, Any]:
        """What ``run.json`` says of a training that is this run's."""
        options = {"train_options": list(self.train_options)} if self.train_options else {}
        if self.together:
            options["together"] = list(self.together)
        # Whichever of its actions is scored first, the training is the same.
        return {**self.identity, "action": "together" if self.together else self.action, **options}

    @property
    def _test(self) -> dict[str, Any]:
        """What ``test.json`` in a variant's folder says of a test that is this run's."""
        return {**self._training, "test_options": list(self.test_options)}

    def result(self) -> dict[str, Any] | None:
        """The run's result if it is there and this run's, else None."""
        result = _read(self.results / "metrics.json")
        if self.results != self.folder:
            same = _read(self.results / "test.json") == self._test
        else:
            same = {key: result.get(key) for key in self.identity} == self.identity
        return self._with_training(result) if result and same else None

    def execute(self, threads: int) -> dict[str, Any]:
        """Train and test, going on where an earlier attempt was cut.

        Args:
            threads: Threads that each process may use, unless ``OMP_NUM_THREADS`` is set.

        Returns:
            The content of ``metrics.json``.

        Raises:
            InputError: If a command failed; the message tells its last line and its log.
        """
        environment = {"OMP_NUM_THREADS": str(threads), **os.environ}
        training = ["--work-dir", str(self.folder / "train"), "--resume"]
        # Runs that share a training wait for it.
        with _lock_of(self.folder), alone_in(self.folder) as lock:
            self._claim_folder()
            if not self._is_trained():
                arguments = [*self._arguments(self._trained_on), *training, *self.train_options]
                self._call("train", arguments, environment, lock)
        checkpoint = train_command.latest_checkpoint(self.folder / "train")
        if checkpoint is None:
            raise InputError(
                f"{self.folder / 'train'}: training left no checkpoint, expected one; add a "
                "CheckpointHook to the config"
            )
        self._note_steps(checkpoint)
        self.results.mkdir(parents=True, exist_ok=True)
        floors = ["--floors"] if self.floors else []
        outputs = [str(checkpoint), "--out", str(self.results), *floors, *self.test_options]
        self._call("test", self._arguments([self.action], outputs), environment)
        if self.results != self.folder:
            write_json(self.results / "test.json", self._test)
        return self._with_training(_read(self.results / "metrics.json"))

    def _with_training(self, result: dict[str, Any]) -> dict[str, Any]:
        """Add ``training`` to a result, the steps and seconds that it took, if they are known."""
        timing = _read(self.folder / "timing.json")
        if not {"steps", "train_seconds"} <= set(timing):
            return result
        training = {"steps": timing["steps"], "seconds": timing["train_seconds"]}
        return {**result, "training": training}

    def _is_trained(self) -> bool:
        """Whether the training is there already, another run's that shares it or this one's."""
        checkpoint = train_command.latest_checkpoint(self.folder / "train")
        return checkpoint is not None and is_finished(self._config, checkpoint)

    def _claim_folder(self) -> None:
        """Put aside checkpoints that another config or other data left in the folder."""
        note = self.folder / "run.json"
        if _read(note) != self._training:
            if (self.folder / "train").is_dir():
                aside = next(
                    place
                    for number in count(1)
                    if not (place := self.folder / f"train_before_{number}").exists()
                )
                (self.folder / "train").rename(aside)
                print(f"{self.name}: another config's or data's training is kept as {aside}")
            for stale in ("metrics.json", "metrics.md", "timing.json"):
                (self.folder / stale).unlink(missing_ok=True)
            write_json(note, self._training)

    @property
    def _trained_on(self) -> Sequence[str]:
        return self.together or (self.action,)

    def _arguments(self, actions: Sequence[str], after_config: Sequence[str] = ()) -> list[str]:
        """Command-line arguments that the two commands have in common."""
        arguments = [self.config, *after_config, "--data-root", self.data_root]
        arguments += ["--action", *actions, "--seed", str(self.seed)]
        arguments += ["--holdout", self.holdout] if self.holdout else []
        return arguments + (["--cfg-options", *self.cfg_options] if self.cfg_options else [])

    def _call(
        self,
        command: str,
        arguments: list[str],
        environment: dict[str, str],
        inherited: Sequence[int] = (),
    ) -> None:
        """Run one command in a process of its own and note how long it took."""
        log = (self.folder if command == "train" else self.results) / f"{command}.log"
        start = time.monotonic()
        with log.open("a", encoding="utf-8") as stream:
            status = subprocess.run(
                [sys.executable, "-m", f"mmalign.cli.{command}", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                pass_fds=inherited,
                check=False,
            ).returncode
        self._add_seconds(command, time.monotonic() - start)
        if status < 0:
            raise InputError(
                f"{self.name}: {command} was ended by {signal.Signals(-status).name} (SIGKILL often"
                f" means that memory ran out); run this again, it goes on ({log})"
            )
        if status != 0:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = lines[-1].removeprefix("error: ") if lines else "no output"
            raise InputError(f"{self.name}: {command} failed (status {status}): {last} ({log})")

    def _note_steps(self, checkpoint: Path) -> None:
        """Write into ``timing.json`` how many steps the training took, if it is not there."""
        file = self.folder / "timing.json"
        timing = _read(file)
        if "steps" not in timing:
            write_json(file, {**timing, "steps": read_checkpoint(checkpoint)["meta"]["iter"]})

    def _add_seconds(self, command: str, seconds: float) -> None:
        """Add to ``timing.json``: a training that went on took the time of all its attempts."""
        file = (self.folder if command == "train" else self.results) / "timing.json"
        timing = _read(file)
        key = f"{command}_seconds"
        timing[key] = round(timing.get(key, 0.0) + seconds, 1)
        write_json(file, timing)


def _lock_of(folder: Path) -> Lock:
    with _GUARD:
        return _LOCKS.setdefault(folder, Lock())


def _read(path: Path) -> dict[str, Any]:
    """Content of a JSON file; empty if it is missing, damaged or no object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
