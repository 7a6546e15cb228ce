"""Train and score one model per action of Penn Action; see ``--help``.

The same as ``mmalign run-penn-action``.
"""

from __future__ import annotations

from mmalign.cli.run_penn_action import main

if __name__ == "__main__":
    raise SystemExit(main())
