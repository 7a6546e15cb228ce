"""Readers of public formats; each makes pose sequences of them."""
