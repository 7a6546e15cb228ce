"""Run a table of ablations on Penn Action; see ``--help``."""

from __future__ import annotations

import sys

from mmalign.cli.run_ablation import main

if __name__ == "__main__":
    sys.exit(main())
