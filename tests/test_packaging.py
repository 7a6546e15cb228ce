"""What the README promises is what is installed and what continuous integration runs."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mmalign.version import __version__

REPO = Path(__file__).resolve().parent.parent
PAGES = [str(path.relative_to(REPO)) for path in (REPO / "docs").rglob("*.md")]


def requirements(extra: str = "") -> list[Requirement]:
    """What the installed mmalign asks for; ``extra`` adds that extra's."""
    found = [Requirement(text) for text in metadata.requires("mmalign") or []]
    return [r for r in found if r.marker is None or r.marker.evaluate({"extra": extra})]


def test_version() -> None:
    assert metadata.version("mmalign") == __version__


def test_installed_packages_are_within_the_bounds() -> None:
    for requirement in requirements():
        installed = metadata.version(requirement.name)
        assert requirement.specifier.contains(installed, prereleases=True), requirement


def test_all_is_every_extra() -> None:
    extras = set(metadata.metadata("mmalign").get_all("Provides-Extra") or [])
    assert extras == {"video", "pose", "c3d", "h5", "browser", "docs", "tests", "all"}
    names = {extra: {r.name for r in requirements(extra)} for extra in extras}
    assert names["all"] == set().union(*names.values())


def test_core_needs_no_pose_estimator() -> None:
    core = {requirement.name for requirement in requirements()}
    unwanted = {"mmpose", "mmdet", "torchvision", "xtcocotools", "rtmlib", "mmcv", "ai-edge-litert"}
    assert not core & unwanted


def test_a_wheel_has_every_file_of_the_package(repo: Path, tmp_path: Path) -> None:
    command = [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", str(tmp_path)]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    def files(folder: Path) -> set[str]:
        found = (path for path in (folder / "mmalign").rglob("*") if path.is_file())
        return {str(path.relative_to(folder)) for path in found if "__pycache__" not in path.parts}

    wanted = files(repo)
    assert {"mmalign/assets/SOURCE.txt", "mmalign/weights/general.npz"} < wanted
    assert files(tmp_path) == wanted


def test_readme_opens_with_the_commands_in_their_order(repo: Path) -> None:
    screen = (repo / "README.md").read_text().splitlines()[:45]
    places = [
        next(number for number, line in enumerate(screen) if line.startswith(begin))
        for begin in (
            "![",
            "pip install -e . && mmalign demo",
            "pip install -e '.[video]'",
            "mmalign align a.mp4 b.mp4 --out report",
            "pip install -e '.[tests]' && pytest",
        )
    ]
    assert places == sorted(places)


def test_ci_runs_the_readmes_command(repo: Path) -> None:
    script = (repo / ".ci" / "run").read_text()
    extraction = re.search(r"^command=(.*)$", script, re.MULTILINE)
    assert extraction is not None
    echo = f'command={extraction[1]}\necho "${{command%% && *}}|${{command##* && }}"'
    done = subprocess.run(["bash", "-c", echo], cwd=repo, capture_output=True, text=True)
    assert done.stdout == "pip install -e '.[tests]'|pytest\n"
    # Whoever reads the log finds pytest's summary in its last line.
    assert script.rstrip().endswith('eval "${command##* && }"')


@pytest.mark.parametrize("tool", ["ruff check", "ruff format", "mypy", "interrogate"])
def test_pre_commit_and_ci_check_the_same(repo: Path, tool: str) -> None:
    assert f"\n{tool}" in (repo / ".ci" / "run").read_text()
    assert f"entry: {tool}" in (repo / ".pre-commit-config.yaml").read_text()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *sorted(PAGES)])
def test_links_between_pages_lead_somewhere(repo: Path, page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (repo / page).read_text())
    missing = [
        link
        for link in links
        if "://" not in link and not (repo / page).parent.joinpath(link).exists()
    ]
    assert not missing
