"""What the README promises is what is installed and what continuous integration runs."""

from __future__ import annotations

import re
import subprocess
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


def test_readme_opens_with_the_two_commands(repo: Path) -> None:
    screen = (repo / "README.md").read_text().splitlines()[:40]
    assert "pip install -e . && mmalign demo" in screen
    assert "pip install -e '.[tests]' && pytest" in screen
    assert any(line.startswith("![") for line in screen)


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
