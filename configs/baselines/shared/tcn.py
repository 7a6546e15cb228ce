# TCN of one view (Sermanet et al., ICRA 2018) with n-pairs, as in TCC's code. Its window of 5
# frames is taken at 30 frames per second.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(tcn=dict(type="TimeContrastiveLoss", window=5 / 30, time_unit="seconds")))
