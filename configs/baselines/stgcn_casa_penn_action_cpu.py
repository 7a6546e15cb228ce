# ST-GCN in front of CASA's attention.
_base_ = "./casa_penn_action_cpu.py"
model = dict(
    encoder=dict(
        _delete_=True,
        type="STGCNEncoder",
        dim=192,
        channels=(64, 64, 128, 128),
        temporal_depth=0,
        temporal_encoding="none",
        num_heads=3,
    )
)
