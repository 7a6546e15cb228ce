"""A pose sequence: its file and folder, people and tracking, processing, checks."""
