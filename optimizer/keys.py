"""Order independence: every paper and expert gets a key that does not depend on where it stands in the input.

The solvers are deterministic, so solving rows sorted by key gives the same pairs for the same input in any
order. Named rows are keyed by seed and id; rows of a bare matrix, whose ids are only positions, by seed and
content (three rounds of colour refinement, Weisfeiler and Leman 1968). Rows that stay equal are
interchangeable twins. The same keys break ties between equally good assignments.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer.problem import Id, Problem, Table

Keys = NDArray[np.uint64]


def mix(values: Keys) -> Keys:
    """Scramble 64-bit words (the finaliser of splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def pair_keys(papers: Keys, experts: Keys, bits: int) -> NDArray[np.int64]:
    """A key below 2**bits for each pair of row keys, to break ties with."""
    return np.asarray(mix(papers ^ mix(experts)) >> np.uint64(64 - bits), dtype=np.int64)


def row_keys(problem: Problem, seed: int) -> tuple[Keys, Keys]:
    """Keys of the applications and of the experts."""
    if problem.named:
        salt = str(seed)
        return _hashed([a.id for a in problem.applications], salt), _hashed(
            [e.id for e in problem.experts], salt
        )
    return _content_keys(problem, np.uint64(seed % 2**64))


def _hashed(ids: list[Id], salt: str) -> Keys:
    words = [blake2b(f"{salt}\0{one}".encode(), digest_size=8).digest() for one in ids]
    return np.frombuffer(b"".join(words), dtype=">u8").astype(np.uint64)


def _content_keys(problem: Problem, seed: np.uint64) -> tuple[Keys, Keys]:
    seats = np.array([a.seats for a in problem.applications], dtype=np.uint64)
    loads = np.array([[e.cap, e.minimum] for e in problem.experts], dtype=np.uint64).reshape(-1, 2)
    papers = mix(seats ^ mix(np.full(len(seats), seed)))
    experts = mix(mix(loads[:, 0]) ^ loads[:, 1] ^ ~seed)
    refine = _sparse_sums if isinstance(problem.scores, csr_array) else _dense_sums
    value = _value_words(problem)
    for _ in range(3):
        rows, columns = refine(problem.scores, value, papers, experts)
        papers, experts = mix(papers ^ mix(rows)), mix(experts ^ mix(columns))
    return papers, experts


def _value_words(problem: Problem) -> Keys:
    scores = problem.scores
    if isinstance(scores, csr_array):
        return mix((scores.data + 0.0).view(np.uint64))
    words = mix(np.ascontiguousarray(scores + 0.0).view(np.uint64))  # + 0.0 makes one zero of -0.0 and 0.0
    if problem.barred is not None:
        words[problem.barred] = np.uint64(0xBA44ED)
    return words


def _dense_sums(_: Table, value: Keys, papers: Keys, experts: Keys) -> tuple[Keys, Keys]:
    with np.errstate(over="ignore"):
        word = value * (papers[:, None] | np.uint64(1)) + experts[None, :] * (value | np.uint64(1))
        word ^= word >> np.uint64(29)
        word *= np.uint64(0xBF58476D1CE4E5B9)
        return word.sum(axis=1, dtype=np.uint64), word.sum(axis=0, dtype=np.uint64)


def _sparse_sums(table: Table, value: Keys, papers: Keys, experts: Keys) -> tuple[Keys, Keys]:
    row = np.repeat(np.arange(len(papers)), np.diff(table.indptr))
    rows, columns = np.zeros(len(papers), np.uint64), np.zeros(len(experts), np.uint64)
    with np.errstate(over="ignore"):
        word = value * (papers[row] | np.uint64(1)) + experts[table.indices] * (value | np.uint64(1))
        word ^= word >> np.uint64(29)
        word *= np.uint64(0xBF58476D1CE4E5B9)
        np.add.at(rows, row, word)
        np.add.at(columns, table.indices, word)
    return rows, columns
