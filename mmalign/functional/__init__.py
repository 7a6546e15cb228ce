"""Pure functions: they import torch, numpy, scipy and scikit-learn only."""
