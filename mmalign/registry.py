"""Registries of mmalign: children of MMEngine's root registries with scope ``mmalign``.

A type is found under its plain name (``PoseSequenceDataset``) once ``default_scope`` is
``mmalign``; upstream's are named in full (``mmaction.PoseDecode``).
"""

from __future__ import annotations

from mmengine.registry import DATA_SAMPLERS as _DATA_SAMPLERS
from mmengine.registry import DATASETS as _DATASETS
from mmengine.registry import HOOKS as _HOOKS
from mmengine.registry import LOOPS as _LOOPS
from mmengine.registry import METRICS as _METRICS
from mmengine.registry import MODELS as _MODELS
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS as _OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.registry import OPTIM_WRAPPERS as _OPTIM_WRAPPERS
from mmengine.registry import OPTIMIZERS as _OPTIMIZERS
from mmengine.registry import PARAM_SCHEDULERS as _PARAM_SCHEDULERS
from mmengine.registry import TRANSFORMS as _TRANSFORMS
from mmengine.registry import VISBACKENDS as _VISBACKENDS
from mmengine.registry import VISUALIZERS as _VISUALIZERS
from mmengine.registry import Registry


def _child(name: str, parent: Registry, *locations: str) -> Registry:
    return Registry(name, parent=parent, scope="mmalign", locations=list(locations))


DATASETS = _child("dataset", _DATASETS, "mmalign.datasets")
TRANSFORMS = _child("transform", _TRANSFORMS, "mmalign.datasets.transforms")
DATA_SAMPLERS = _child("data sampler", _DATA_SAMPLERS, "mmalign.datasets")
MODELS = _child("model", _MODELS, "mmalign.models")
METRICS = _child("metric", _METRICS, "mmalign.evaluation")
HOOKS = _child("hook", _HOOKS, "mmalign.engine")
OPTIM_WRAPPERS = _child("optim_wrapper", _OPTIM_WRAPPERS, "mmalign.engine")

# Empty: without a child of the scope's name MMEngine warns at each type that it builds.
LOOPS = _child("loop", _LOOPS)
OPTIMIZERS = _child("optimizer", _OPTIMIZERS)
OPTIM_WRAPPER_CONSTRUCTORS = _child("optimizer wrapper constructor", _OPTIM_WRAPPER_CONSTRUCTORS)
PARAM_SCHEDULERS = _child("parameter scheduler", _PARAM_SCHEDULERS)
VISBACKENDS = _child("vis_backend", _VISBACKENDS)
VISUALIZERS = _child("visualizer", _VISUALIZERS)
