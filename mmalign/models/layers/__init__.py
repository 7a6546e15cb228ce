"""Building blocks of the networks."""

from .attention import Attention, FeedForward, TransformerBlock
from .cross import CrossAttention, LoFTRLayer
from .positional import LearnedEncoding, SinusoidalEncoding, build_encoding

__all__ = [
    "Attention",
    "CrossAttention",
    "FeedForward",
    "LearnedEncoding",
    "LoFTRLayer",
    "SinusoidalEncoding",
    "TransformerBlock",
    "build_encoding",
]
