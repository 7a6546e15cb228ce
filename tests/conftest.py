"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the checkout."""
    return REPO


@pytest.fixture
def dummy_config() -> Path:
    """A config that trains in a second (see ``fixtures/dummy_training.py``)."""
    return REPO / "tests" / "fixtures" / "dummy_config.py"
