"""What has been worked out before and is kept in memory (缓存), up to a number of bytes."""

from collections.abc import Iterator, MutableMapping
from threading import Lock

import numpy as np
from numpy.typing import NDArray

_EACH = 300  # bytes of a key and of what Python holds around an array, about


class Kept(MutableMapping[str, NDArray[np.float64]]):
    """Arrays by key. When there is no room left every second one goes.

    Not the oldest: whoever goes through a little more than there is room for, again and again, would always find gone
    what comes next. Threads may share it.
    """

    def __init__(self, room: int) -> None:
        self.room, self.used = room, 0
        self._held: dict[str, NDArray[np.float64]] = {}
        self._changing = Lock()

    def __getitem__(self, key: str) -> NDArray[np.float64]:
        return self._held[key]

    def __setitem__(self, key: str, value: NDArray[np.float64]) -> None:
        with self._changing:
            self._drop(key)
            if self.used + value.nbytes + _EACH > self.room:
                for old in list(self._held)[::2]:
                    self._drop(old)
            if value.nbytes + _EACH <= self.room // 2:  # what would fill it alone is not kept
                self._held[key] = value
                self.used += value.nbytes + _EACH

    def __delitem__(self, key: str) -> None:
        with self._changing:
            self._drop(key)

    def _drop(self, key: str) -> None:
        held = self._held.pop(key, None)
        self.used -= 0 if held is None else held.nbytes + _EACH

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._held))

    def __len__(self) -> int:
        return len(self._held)
