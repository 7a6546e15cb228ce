"""Pose estimators that can be plugged into the extraction."""
