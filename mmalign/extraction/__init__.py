"""From videos to pose sequences: decoding, boxes, people, files."""
