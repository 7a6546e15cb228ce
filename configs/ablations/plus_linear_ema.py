# plus_linear.py with an exponential moving average of its weights, which is what is scored.
_base_ = "./plus_linear.py"
custom_hooks = [*_base_.custom_hooks, dict(type="EMAHook", momentum=0.01)]
