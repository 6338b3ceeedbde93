"""Joins of integer columns by sorting, in place of loops over pairs. A negative number equals nothing."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]


def numbering(words: Iterable[str]) -> dict[str, int]:
    """A number for each word, in the order of the words; the empty word has none."""
    return {word: number for number, word in enumerate(sorted(set(words) - {""}))}


def numbers(words: Iterable[str], known: Mapping[str, int]) -> Column:
    """The words' numbers, -1 for a word that has none."""
    return np.fromiter((known.get(word, -1) for word in words), dtype=np.int64)


def match(left: Column, right: Column) -> tuple[Column, Column]:
    """All positions (i, j) with left[i] == right[j], by i."""
    order = np.argsort(right, kind="stable")
    keys = right[order]
    low, high = np.searchsorted(keys, left, "left"), np.searchsorted(keys, left, "right")
    count = np.where(left < 0, 0, high - low)
    first = np.repeat(low - np.cumsum(count) + count, count)
    return np.repeat(np.arange(len(left)), count), order[np.arange(len(first)) + first]


def through(left: Column, a: Column, b: Column, right: Column) -> tuple[Column, Column, Column]:
    """All positions (i, f, j) with left[i] == a[f] and b[f] == right[j]: two columns joined through a fact."""
    i, f = match(left, a)
    k, j = match(b[f], right)
    return i[k], f[k], j


def runs(*keys: Column) -> tuple[Column, Column, Column]:
    """The order that sorts rows by the keys, and where each run of the first key starts and ends."""
    order = np.lexsort(keys[::-1])
    first = keys[0][order]
    starts = np.flatnonzero(np.r_[True, first[1:] != first[:-1]]) if len(first) else np.zeros(0, np.int64)
    return order, starts, np.r_[starts[1:], len(first)] if len(first) else starts
