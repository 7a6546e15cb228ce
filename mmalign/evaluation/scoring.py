"""Both protocols, from clips to figures."""

from __future__ import annotations

from collections.abc import Sequence

from mmalign.errors import InputError
from mmalign.evaluation.clip import Clip, ClipSet
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.protocol import METRICS


def evaluate_published(
    train: Sequence[Clip], val: Sequence[Clip], options: ProtocolOptions | None = None
) -> dict[str, float]:
    """Score whole clips as the paper does (protocol, section 1); see ``evaluate``."""
    return evaluate(train, val, (), options)["published"]


def evaluate_trimmed(
    train: Sequence[Clip], windows: Sequence[Clip], options: ProtocolOptions | None = None
) -> dict[str, float]:
    """Score random windows of the validation clips (protocol, section 2); see ``evaluate``."""
    options = options or ProtocolOptions()
    _require(train, windows)
    return _score("trimmed", ClipSet(train, options), ClipSet(windows, options))


def evaluate(
    train: Sequence[Clip],
    val: Sequence[Clip],
    windows: Sequence[Clip],
    options: ProtocolOptions | None = None,
) -> dict[str, dict[str, float]]:
    """Score under both protocols; classifiers fitted on the training clips are shared.

    Args:
        train: Whole training clips in annotation order. What is fitted for the trimmed protocol is
            fitted on them, whatever ``fit_on`` says of the published one.
        val: Whole validation clips in annotation order.
        windows: One window of every validation clip, embedded by itself, or none.
        options: The protocol's variant.

    Returns:
        ``{'published': {...}, 'trimmed': {...}}``, the latter only if there are windows: the
        figures of ``METRICS`` by name, without those that need ordered phases if
        ``options.ordered`` is false.

    Raises:
        InputError: If there is no training or no validation clip.
    """
    options = options or ProtocolOptions()
    _require(train, val)
    whole, scored = ClipSet(train, options), ClipSet(val, options, options.ordered)
    fitted = whole if options.fit_on == "train" else scored
    figures = {"published": _score("published", fitted, scored)}
    if windows:
        figures["trimmed"] = _score("trimmed", whole, ClipSet(windows, options))
    return figures


def _score(protocol: str, fitted: ClipSet, scored: ClipSet) -> dict[str, float]:
    return {
        metric.name: metric.compute(fitted, scored)
        for metric in METRICS.values()
        if protocol in metric.protocols and (scored.options.ordered or not metric.ordered)
    }


def _require(train: Sequence[Clip], val: Sequence[Clip]) -> None:
    for name, clips in (("train", train), ("val", val)):
        if not clips:
            raise InputError(
                f"{name}: found no labelled clip to score, expected at least one; "
                "check the split, the action and that its phase labels were prepared"
            )
