# SAL, shuffle and learn (Misra et al., ECCV 2016), as in TCC's code: whether three of 20 frames are
# in order.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(sal=dict(type="OrderVerificationLoss")))
