"""What works on this machine, and the exact command that mends what does not.

``python -m mmalign.doctor`` imports nothing but the standard library before its checks, so that it
runs where the installation is broken.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata

from mmalign.cli.guard import guarded
from mmalign.version import __version__

REINSTALL = "pip install -e ."


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        name: What was looked at.
        ok: Whether it works.
        found: What was found: a version, or the first line of the error.
        remedy: The command that mends it; empty when it works.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL"
        line = f"  {mark}  {self.name:<16} {self.found}"
        return line if self.ok else f"{line}\n        mend it with: {self.remedy}"


@dataclass(frozen=True)
class Package:
    """A package that must import, in a range of versions.

    Attributes:
        module: What is imported.
        distributions: Names under which it may be installed; the first is what pip is told.
        below: The first version that is too new, or none.
        reason: Why.
    """

    module: str
    distributions: tuple[str, ...]
    below: tuple[int, ...] | None = None
    reason: str = ""


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

CORE = (
    Package("torch", ("torch",)),
    Package("numpy", ("numpy",), (2,), "MMAction2 uses names that NumPy 2 removed"),
    Package("scipy", ("scipy",)),
    Package("sklearn", ("scikit-learn",)),
    Package("einops", ("einops",)),
    Package("cv2", ("opencv-python", "opencv-contrib-python", "opencv-python-headless")),
    Package("pkg_resources", ("setuptools",), (81,), "MMEngine imports pkg_resources"),
    Package("mmengine.runner", ("mmengine",), (0, 11)),
    Package("mmcv", ("mmcv-lite", "mmcv"), (2, 2), "MMAction2 refuses mmcv 2.2"),
    Package("mmaction.datasets", ("mmaction2",), (1, 3)),
    Package("av", ("av",)),
    Package("rich", ("rich",)),
    Package("torch.utils.tensorboard", ("tensorboard",)),
    Package("future", ("future",)),
    Package("matplotlib", ("matplotlib",)),
)

EXTRAS: dict[str, tuple[str, tuple[Package, ...]]] = {
    "video": (
        "extracting poses from video with BlazePose",
        (Package("ai_edge_litert.interpreter", ("ai-edge-litert",)),),
    ),
    "pose": (
        "extracting poses from video with RTMPose (ONNX)",
        (
            Package("rtmlib", ("rtmlib",)),
            Package("onnxruntime", ("onnxruntime", "onnxruntime-gpu")),
            Package("onnx", ("onnx",)),
            Package("xtcocotools", ("xtcocotools",)),
            Package("pycocotools", ("pycocotools",)),
            Package("json_tricks", ("json_tricks",)),
            Package("munkres", ("munkres",)),
            Package("shapely", ("shapely",)),
            Package("terminaltables", ("terminaltables",)),
        ),
    ),
    "browser": (
        "testing the HTML report in Chromium",
        (Package("playwright", ("playwright",)),),
    ),
    "docs": (
        "building the documentation",
        (
            Package("sphinx", ("sphinx",)),
            Package("myst_parser", ("myst-parser",)),
            Package("furo", ("furo",)),
            Package("sphinx_copybutton", ("sphinx-copybutton",)),
        ),
    ),
    "tests": (
        "running the tests and the checks",
        tuple(
            Package(name, (name,))
            for name in ("pytest", "hypothesis", "ruff", "mypy", "interrogate")
        ),
    ),
}


def check_package(package: Package, remedy: str) -> Check:
    """Import a package and compare its version.

    Args:
        package: What to look at.
        remedy: The command that installs it as it should be.
    """
    name = package.distributions[0]
    installed = [(d, v) for d in package.distributions if (v := _version(d)) is not None]
    if not installed:
        return Check(name, False, "not installed", remedy)
    name, version = installed[0]
    if package.below is not None and _numbers(version) >= package.below:
        limit = ".".join(map(str, package.below))
        found = f"{version}, expected below {limit}"
        return Check(name, False, f"{found}: {package.reason}".rstrip(": "), remedy)
    error = _try(lambda: importlib.import_module(package.module))
    if error is not None:
        return Check(name, False, f"{version}, but `import {package.module}`: {error}", remedy)
    return Check(name, True, version)


def check_core() -> Iterator[Check]:
    """Yield the checks of what everything needs."""
    python_ok = sys.version_info >= (3, 10)
    yield Check(
        "python",
        python_ok,
        platform.python_version(),
        "" if python_ok else "python3.11 -m venv .venv && .venv/bin/pip install -e .",
    )
    for package in CORE:
        yield check_package(package, REINSTALL)
    if _version("torchvision") is not None:
        # MMEngine imports it where it is, for its environment report; a CUDA build beside a CPU
        # torch fails there, and with it every training.
        error = _try(lambda: importlib.import_module("torchvision"))
        found = f"{_version('torchvision')}" + (f": {error}" if error else "")
        yield Check("torchvision", error is None, found, "pip uninstall -y torchvision")
    error = _try(lambda: importlib.import_module("mmalign.engine"))
    yield Check("mmalign", error is None, error or __version__, REINSTALL)


def describe_devices() -> list[str]:
    """Return what there is to compute on, as lines of text; empty without torch."""
    try:
        import torch
    except Exception:  # The core checks have said so.
        return []
    lines = [f"CPU: {platform.machine()}, {torch.get_num_threads()} threads"]
    for index in range(torch.cuda.device_count()):
        lines.append(f"GPU {index}: {torch.cuda.get_device_name(index)}")
    if not torch.cuda.is_available():
        lines.append("GPU: none that this torch can use (trainings run on the CPU)")
    compiler = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    lines.append(
        f"C++ compiler: {compiler or 'none (torch.compile is left out; nothing needs it)'}"
    )
    return lines


def describe_mmpose() -> str:
    """Say whether MMPose, the second pose backend, works; pip cannot resolve it alone."""
    versions = [_version("mmpose"), _version("mmdet")]
    command = "pip install --no-deps -r requirements/mmpose.txt"
    if not all(versions):
        return f"MMPose as a second backend: not installed; add it with: {command}"
    name = f"MMPose as a second backend: mmpose {versions[0]}, mmdet {versions[1]}"
    error = _try(lambda: importlib.import_module("mmalign.compat.mmpose").import_mmpose())
    return f"{name}: works" if error is None else f"{name}: {error}; mend it with: {command}"


def describe_blazepose() -> str:
    """Say whether BlazePose works, whose weights are no package of pip's, and how to mend it."""
    blaze = "mmalign.extraction.backends.blaze"
    try:
        weights = importlib.import_module(f"{blaze}.weights")
        network = importlib.import_module(f"{blaze}.interpreter").Network
        contents = [weights.find_weights(name) for name in weights.WEIGHTS]
    except Exception:  # The core checks have said what is missing.
        return "BlazePose: cannot be tried before the core works"
    if _version("ai-edge-litert") is None:
        return "BlazePose: LiteRT is not installed; add it with: pip install -e '.[video]'"
    if None not in contents:
        error = _try(lambda: [network(content) for content in contents])
        remedy = "pip install --force-reinstall -e '.[video]'"
        return (
            "BlazePose: works" if error is None else f"BlazePose: {error}; mend it with: {remedy}"
        )
    folder = weights.weights_folder()
    if weights.can_be_fetched():
        return f"BlazePose: works; pip fetches its weights (36 MB) to {folder} when first needed"
    return (
        f"BlazePose: its weights are not in {folder}, and pip finds them nowhere; with a network"
        f" connection, run: {weights.COMMAND}\n        and put the wheel into that folder"
    )


def describe_auto() -> str:
    """Say which pose estimator is taken of a video if none is named."""
    try:
        auto = importlib.import_module("mmalign.extraction.backends.auto")
        return f"mmalign align VIDEO: {auto.foresee_backend()}"
    except Exception:  # As above.
        return "mmalign align VIDEO: cannot be tried before the core works"


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split("+")[0].split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def _try(action: Callable[[], object]) -> str | None:
    """Run ``action``; return the first line of its error, or ``None``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            action()
    except Exception as error:  # A broken package may raise anything on import.
        lines = str(error).strip().splitlines()
        return f"{type(error).__name__}: {lines[0] if lines else ''}"
    return None


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Print the report; returns 0 if all that is needed works, else 1."""
    parser = argparse.ArgumentParser(
        prog="mmalign doctor",
        description="Say what works here and how to mend what does not. The exit status is 1 if"
        " the core, or an extra that is asked for, does not work.",
    )
    parser.add_argument(
        "--need", nargs="+", default=[], choices=[*EXTRAS], help="extras that must work too"
    )
    needed = parser.parse_args(argv).need
    healthy = True
    print("core: training, evaluation, alignment of pose files")
    for check in check_core():
        print(check)
        healthy &= check.ok
    for line in describe_devices():
        print(f"        {line}")
    for extra, (purpose, packages) in EXTRAS.items():
        remedy = f"pip install -e '.[{extra}]'"
        failed = [check for p in packages if not (check := check_package(p, remedy)).ok]
        absent = len(failed) == len(packages)
        lacks_chromium = extra == "browser" and not any(map(shutil.which, CHROMIUM))
        works = not (failed or lacks_chromium)
        state = "works" if works else ("not installed" if absent else "incomplete")
        print(f"\nextra {extra}: {purpose}: {state}")
        for check in [] if absent else failed:
            print(f"  {check.name}: {check.found}")
        if failed:
            print(f"        add it with: {remedy}")
        if lacks_chromium:
            print("        no Chromium in the path (Debian: apt install chromium)")
        if extra == "pose":
            print(f"        {describe_mmpose()}")
        if extra == "video":
            print(f"        {describe_blazepose()}")
            print(f"        {describe_auto()}")
        healthy &= works or extra not in needed
    print("\n" + ("all that is needed works" if healthy else "something that is needed fails"))
    return 0 if healthy else 1


if __name__ == "__main__":
    raise SystemExit(main())
