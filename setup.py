"""Packaging of mmalign.

The bounds are ranges that have been tried; ``docs/install.md`` gives the reason of each.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent


def read_version() -> str:
    """Return the version without importing the package (its dependencies may be absent)."""
    text = (HERE / "mmalign" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise RuntimeError("mmalign/version.py holds no __version__")
    return found.group(1)


CORE = [
    # Above 2.13.0, pip prefers several GB of CUDA packages to a CPU build at hand.
    "torch>=2.4,<=2.13.0",
    # NumPy 2 breaks xtcocotools' wheel and MMAction2's np.Inf.
    "numpy>=1.26,<2",
    "scipy",
    "scikit-learn",
    "einops",
    "mmengine>=0.10.7,<0.11",
    # MMAction2 asserts mmcv < 2.2; nothing here needs mmcv's compiled operators.
    "mmcv-lite==2.1.0",
    "mmaction2==1.2.0",
    # MMAction2's wheel imports it without requiring it.
    "importlib-metadata",
    # MMEngine imports pkg_resources, which left setuptools at 82.
    "setuptools<81",
    # A stream's index and a picture's transfer characteristic are read.
    "av>=17",
    "rich",
    "filelock>=3.12,<5",
    "tensorboard",
    # MMEngine's TensorBoard backend imports it without requiring it.
    "future",
    "matplotlib",
]

EXTRAS = {
    # BlazePose; its weights are fetched when first needed (mmalign/extraction/backends/blaze).
    "video": ["ai-edge-litert>=1.0.1,<3"],
    # MMPose itself cannot be resolved by pip: add requirements/mmpose.txt with --no-deps.
    "pose": [
        "xtcocotools",
        "pycocotools",
        "json_tricks",
        "munkres",
        "shapely",
        "terminaltables",
        "six",
        "tqdm",
        "rtmlib",
        "onnxruntime",
        # Only to write ONNX files (tools/pose/export_onnx.py).
        "onnx",
    ],
    # Formats that are read by their own packages, which are imported when they are needed.
    "c3d": ["c3d>=0.5.2,<0.7"],
    "h5": ["h5py>=3.10,<4"],
    "docs": ["sphinx>=8.2", "myst-parser", "furo", "sphinx-copybutton"],
    "tests": ["pytest", "hypothesis", "ruff", "mypy", "interrogate"],
    # The HTML report's tests drive a Chromium that is in the path; they are skipped without.
    "browser": ["playwright"],
}
EXTRAS["all"] = sorted({name for names in EXTRAS.values() for name in names})

setup(
    name="mmalign",
    version=read_version(),
    description="Temporal alignment of human activity sequences from skeletons",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["mmalign", "mmalign.*"]),
    package_data={
        "mmalign": ["py.typed", "visualization/templates/*", "weights/*", "assets/*"],
    },
    install_requires=CORE,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["mmalign=mmalign.cli.main:main"]},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
