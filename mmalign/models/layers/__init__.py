"""Building blocks of the networks."""

from .attention import Attention, FeedForward, TransformerBlock
from .cross import CrossAttention, LoFTRLayer
from .positional import LearnedEncoding, SinusoidalEncoding, build_encoding
from .temporal import TemporalTransformer, TokenMean, unpack_frames

__all__ = [
    "Attention",
    "CrossAttention",
    "FeedForward",
    "LearnedEncoding",
    "LoFTRLayer",
    "SinusoidalEncoding",
    "TemporalTransformer",
    "TokenMean",
    "TransformerBlock",
    "build_encoding",
    "unpack_frames",
]
