# LA2DS' loss of ../../la2ds_penn_action_cpu.py: Eq. 4 in both directions, and soft labels.
_base_ = "./casa.py"
model = dict(
    losses=dict(
        alignment=dict(
            objective=dict(regression=50.0, soft_label=1.0), symmetric=True, label_std=1.5
        )
    )
)
