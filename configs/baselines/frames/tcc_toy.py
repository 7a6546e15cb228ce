# TCC on the frames of generated clips, by the network of lav_toy.py.
_base_ = "./lav_toy.py"
model = dict(
    losses=dict(dtw=None, idm=None, tcc=dict(type="CycleConsistencyLoss")), normalize=False
)
