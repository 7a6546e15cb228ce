"""Synchronise cameras that film the same moments: ``python tools/sync.py A B --out DIR``.

The same as ``mmalign sync``.
"""

from __future__ import annotations

from mmalign.cli.sync import main

if __name__ == "__main__":
    raise SystemExit(main())
