# VSP (Zhang et al., CVPR 2023): contrast of Brownian bridges, without labels. Scores are divided by
# the bridge's variance, as in the paper, and not by its square, as in the code.
_base_ = "../../_base_/baselines.py"
model = dict(
    losses=dict(vsp=dict(type="BrownianBridgeLoss", squared_variance=False)), normalize=True
)
