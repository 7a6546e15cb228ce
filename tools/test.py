"""Evaluate a checkpoint: ``python tools/test.py CONFIG CHECKPOINT --out DIR``.

The same as ``mmalign test``.
"""

from __future__ import annotations

from mmalign.cli.test import main

if __name__ == "__main__":
    raise SystemExit(main())
