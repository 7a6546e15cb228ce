"""What an embedding becomes once training has ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import torch
from torch import Tensor, nn

# Frames that prototypes are sought among: more say no more, and cost time.
_MOST_FRAMES = 20_000
_PREFIX = "of "


class Readout(nn.Module):
    """Fixed features of embeddings, fitted to the frames of the training clips without labels.

    First the principal components, in units in which their total variance is 1: most directions of
    a wide embedding hold next to nothing, which changes no distance and yet is what a linear
    regression fits. Beside them, with ``num_prototypes``, how much a frame belongs to each of so
    many prototypes, which k-means finds among the components:

    ``p_k = softmax_k(-|x - c_k|^2 / (2 w^2))``, w the median distance of a frame to its nearest
    prototype. They sum to 1 and are bounded, so that a linear model on them is a local one along
    the activity, and reads a frame that is far from all that was seen as the nearest that was.

    Args:
        dims: channels of the embeddings.
        num_components: principal components that are kept.
        num_prototypes: prototypes; 0 = none.
        prototype_weight: total standard deviation of the memberships; that of the components is 1.

    Raises:
        ValueError: if a number is out of its range.
    """

    middle: Tensor
    components: Tensor
    prototypes: Tensor
    width: Tensor
    scale: Tensor
    fitted: Tensor

    def __init__(
        self,
        dims: int,
        num_components: int,
        num_prototypes: int = 0,
        prototype_weight: float = 0.3,
    ) -> None:
        super().__init__()
        if not 1 <= num_components <= dims:
            raise ValueError(f"num_components must be 1 to {dims}, found {num_components}")
        if num_prototypes < 0 or num_prototypes == 1:
            raise ValueError(f"num_prototypes must be 0 or at least 2, found {num_prototypes}")
        if not prototype_weight > 0:
            raise ValueError(f"prototype_weight must be positive, found {prototype_weight}")
        self.num_components, self.num_prototypes = num_components, num_prototypes
        self.prototype_weight = prototype_weight
        self.register_buffer("middle", torch.zeros(dims))
        self.register_buffer("components", torch.zeros(dims, num_components))
        self.register_buffer("prototypes", torch.zeros(num_prototypes, num_components))
        self.register_buffer("width", torch.tensor(1.0))
        self.register_buffer("scale", torch.tensor(1.0))
        self.register_buffer("fitted", torch.tensor(False))

    def forward(self, embeddings: Tensor) -> Tensor:
        """Features of embeddings.

        Args:
            embeddings: ``(..., dims)``.

        Returns:
            ``(..., num_components + num_prototypes)`` float32.
        """
        x = (embeddings.float() - self.middle) @ self.components
        if not self.num_prototypes:
            return x
        return torch.cat([x, self.scale * self._memberships(x)], dim=-1)

    def _memberships(self, x: Tensor) -> Tensor:
        """How much frames ``(..., num_components)`` belong to each prototype."""
        distances = torch.cdist(x.reshape(-1, self.num_components), self.prototypes)
        memberships = (-(distances / self.width).square() / 2).softmax(-1)
        return memberships.reshape(*x.shape[:-1], self.num_prototypes)

    @torch.no_grad()
    def fit(self, embeddings: np.ndarray) -> None:
        """Find components and prototypes.

        Args:
            embeddings: ``(N, dims)`` of frames of the training clips.
        """
        middle = embeddings.mean(axis=0, dtype=np.float64)
        variances, directions = np.linalg.eigh(np.cov(embeddings, rowvar=False))
        # The largest come last.
        last = slice(None, -self.num_components - 1, -1)
        total = np.sqrt(max(variances[last].sum(), 1e-12))
        self.middle.copy_(torch.from_numpy(middle))
        self.components.copy_(torch.from_numpy(directions[:, last] / total))
        if self.num_prototypes:
            stride = -(-len(embeddings) // _MOST_FRAMES)
            frames = torch.from_numpy(embeddings[::stride]).to(self.middle)
            self._fit_prototypes((frames - self.middle) @ self.components)
        self.fitted.fill_(True)

    def _fit_prototypes(self, x: Tensor) -> None:
        from sklearn.cluster import KMeans  # It takes a second, and only training needs it.

        frames = x.double().cpu().numpy()
        count = min(self.num_prototypes, len(np.unique(frames, axis=0)))
        centres = KMeans(count, n_init=2, random_state=0).fit(frames).cluster_centers_
        # Fewer frames than prototypes: some stand twice, and share what belongs to them.
        centres = np.resize(centres, (self.num_prototypes, frames.shape[1]))
        self.prototypes.copy_(torch.from_numpy(centres))
        nearest = torch.cdist(x, self.prototypes).amin(dim=1)
        self.width.copy_(nearest.median().clamp_min(1e-3))
        spread = self._memberships(x).var(dim=0, correction=0).sum().sqrt()
        self.scale.copy_(self.prototype_weight / spread.clamp_min(1e-6))


class ActionReadouts(nn.Module):
    """A readout for each of the actions that a network has been trained on.

    Which these are is known when training ends, and from the names of weights that are loaded.

    Args:
        dims: channels of the embeddings.
        **arguments: the other arguments of :class:`Readout`.

    Attributes:
        least_frames: as many frames an action needs: four times the features.
    """

    place: Tensor

    def __init__(self, dims: int, **arguments: Any) -> None:
        super().__init__()
        self._arguments = dict(dims=dims, **arguments)
        one = Readout(**self._arguments)
        self.least_frames = 4 * (one.num_components + one.num_prototypes)
        self.readouts = nn.ModuleDict()
        # Where the readouts belong, which come later than the module is moved.
        self.register_buffer("place", torch.zeros(0), persistent=False)

    @property
    def actions(self) -> list[str]:
        """The actions that have a readout."""
        keys = (key.removeprefix(_PREFIX) for key in self.readouts)
        return [unquote(key, errors="surrogatepass") for key in keys]

    def get(self, action: str) -> Readout | None:
        """The readout of an action, None if it has none."""
        key = _key(action)
        found = self.readouts[key] if key in self.readouts else None
        assert found is None or isinstance(found, Readout)
        return found

    def fit(self, embeddings: Mapping[str, np.ndarray]) -> None:
        """Replace the readouts.

        Args:
            embeddings: per action ``(N, dims)`` of frames of its training clips. What has no name,
                or fewer frames than :attr:`least_frames`, gets no readout.
        """
        fitted = {}
        for action, frames in embeddings.items():
            if action and len(frames) >= self.least_frames:
                fitted[_key(action)] = readout = Readout(**self._arguments)
                readout.fit(frames)
        self._hold(fitted)

    def make_room(self, names: Iterable[str]) -> None:
        """Replace the readouts by those whose weights have these names in the ``state_dict``."""
        start = f"readouts.{_PREFIX}"
        keys = dict.fromkeys(name.split(".")[1] for name in names if name.startswith(start))
        self._hold({key: Readout(**self._arguments) for key in keys})

    def _hold(self, readouts: dict[str, Readout]) -> None:
        self.readouts = nn.ModuleDict(readouts).to(self.place.device)

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Tensor], prefix: str, *args: Any
    ) -> None:
        self.make_room(n.removeprefix(prefix) for n in state_dict if n.startswith(prefix))
        super()._load_from_state_dict(state_dict, prefix, *args)


def _key(action: str) -> str:
    """Names of modules hold no dot, and are none of the words that a ``ModuleDict`` has."""
    return _PREFIX + quote(action, safe="", errors="surrogatepass").replace(".", "%2E")
