"""Align sequences of one activity: ``python tools/align.py A B --checkpoint CKPT --out DIR``.

The same as ``mmalign align``.
"""

from __future__ import annotations

from mmalign.cli.align import main

if __name__ == "__main__":
    raise SystemExit(main())
