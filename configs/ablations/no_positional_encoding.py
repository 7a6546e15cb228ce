# Table 1: without any of the three positional encodings.
_base_ = "./paper_cpu.py"
model = dict(
    encoder=dict(spatial_encoding="none", temporal_encoding="none"), cross=dict(encoding="none")
)
