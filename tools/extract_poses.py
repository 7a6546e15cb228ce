"""Videos to poses: ``python tools/extract_poses.py``; the same as ``mmalign extract-poses``."""

from __future__ import annotations

from mmalign.cli.extract_poses import main

if __name__ == "__main__":
    raise SystemExit(main())
