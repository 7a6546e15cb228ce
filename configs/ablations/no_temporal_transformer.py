# Table 1: without the temporal transformer.
_base_ = "./paper_cpu.py"
model = dict(encoder=dict(temporal_depth=0))
