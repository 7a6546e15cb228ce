# Table 2: heatmaps of the limbs alone.
_base_ = "./paper_cpu.py"
model = dict(data_preprocessor=dict(heatmap="limb"))
