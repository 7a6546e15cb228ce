"""Train a model: ``python tools/train.py CONFIG``; the same as ``mmalign train``."""

from __future__ import annotations

from mmalign.cli.train import main

if __name__ == "__main__":
    raise SystemExit(main())
