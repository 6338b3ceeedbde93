"""Fit (匹配度) of applications to experts, from domain codes, Chinese texts, declared keywords and bids.

Each part lies within 0 and 1 and is kept, so that a score can be explained. Texts are compared as character
2-grams weighted by TF-IDF, which needs no dictionary and did best of the plain scorers on short Chinese texts; an
embedding is one more part where its weight is above 0. What is worked out for a text is kept under its hash, in `KEPT`
or a mapping the caller passes. A pair's score does not depend on the order of the input.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer import kept
from optimizer.embedding import Embedding, Vector, installed
from optimizer.errors import ProblemError
from optimizer.problem import Application, Expert, Id

Table = NDArray[np.float32]
Cache = MutableMapping[str, NDArray[np.float64]]
_BLOCK = 512  # rows of a text product held at once, to bound memory
_GRAIN = 2.0**20  # embeddings are compared as whole numbers: exact sums come out the same in any order


KEPT = kept.Kept(256 * 2**20)
"""Of each text its 2-grams and its vector, while this process lives: the texts of 20,000 people have room."""


@dataclass(frozen=True)
class Weights:
    """What each part counts, and what a common prefix of GB/T 13745 codes is worth; from policy.

    A part nobody has data for is left out and the others count for more, in proportion.
    """

    domain: float
    text: float
    keywords: float
    bids: float
    embedding: float
    prefixes: tuple[tuple[int, float], ...]  # digits in common -> worth, within 0 and 1

    def __post_init__(self) -> None:
        for name in ("domain", "text", "keywords", "bids", "embedding"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ProblemError(f"The weight of {name} is {getattr(self, name)}; give 0 or more.")
        for digits, worth in self.prefixes:
            if digits < 1 or not 0 <= worth <= 1:
                raise ProblemError(f"A prefix of {digits} digits is worth {worth}; give a worth from 0 to 1.")


UNWEIGHTED_INSTANCE = Weights(0.4, 0.4, 0.2, 0.3, 0.0, ((3, 0.5), (5, 0.8), (7, 1.0)))
"""For an instance file that gives neither scores nor weights; a procedure takes its weights from policy."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Scores within 0 and 1, applications x experts, with their parts and the share each part has in the total."""

    application_ids: tuple[Id, ...]
    expert_ids: tuple[Id, ...]
    total: Table
    parts: Mapping[str, Table]
    shares: Mapping[str, float]

    def explain(self, application: Id, expert: Id) -> dict[str, float]:
        """The parts of one pair's score. ProblemError for an unknown id."""
        if application not in self.application_ids or expert not in self.expert_ids:
            raise ProblemError(f"There is no score of ({application!r}, {expert!r}).")
        pair = self.application_ids.index(application), self.expert_ids.index(expert)
        return {name: float(table[pair]) for name, table in self.parts.items()}


def score(
    applications: Sequence[Application],
    experts: Sequence[Expert],
    weights: Weights,
    *,
    embedding: Embedding | None = None,
    bids: Mapping[tuple[Id, Id], float] | None = None,
    cache: Cache | None = None,
) -> Fit:
    """Every pair's fit. `bids` are wishes from 0 to 1; what `cache` lacks is worked out and put there.

    Texts are embedded where that part has a weight, by the installed encoder unless another is given. ProblemError
    where none is installed, for a bid out of range or on an unknown pair, and for vectors of different lengths.
    """
    cache = KEPT if cache is None else cache
    ours = [f"{a.title} {a.abstract}".strip() for a in applications]
    theirs = [e.profile.strip() for e in experts]
    parts: dict[str, Table] = {}
    if any(a.domains for a in applications) and any(e.domains for e in experts):
        parts["domain"] = _domain_fit(applications, experts, weights.prefixes)
    if any(ours) and any(theirs):
        parts["text"] = _text_fit(ours, theirs, cache)
        if weights.embedding > 0:
            parts["embedding"] = _embedding_fit(ours, theirs, embedding or installed(), cache)
    if any(a.keywords for a in applications) and any(e.keywords for e in experts):
        parts["keywords"] = _keyword_fit(applications, experts)
    if bids is not None:
        parts["bids"] = _bid_fit(applications, experts, bids)
    whole = sum(getattr(weights, name) for name in parts)
    shares = {name: getattr(weights, name) / whole if whole else 0.0 for name in parts}
    total = np.zeros((len(applications), len(experts)), dtype=np.float32)
    for name, table in parts.items():
        total += np.float32(shares[name]) * table
    np.clip(total, 0, 1, out=total)
    return Fit(tuple(a.id for a in applications), tuple(e.id for e in experts), total, parts, shares)


def fit_scores(
    applications: Sequence[Application],
    experts: Sequence[Expert],
    weights: Weights = UNWEIGHTED_INSTANCE,
    bids: Mapping[tuple[Id, Id], float] | None = None,
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Scores and parts as a `Problem` takes them, to six decimals."""
    fit = score(applications, experts, weights, bids=bids)
    return _plain(fit.total), {name: _plain(table) for name, table in fit.parts.items()}


def _plain(table: Table) -> NDArray[np.float64]:
    return np.asarray(np.round(table.astype(np.float64), 6), dtype=np.float64)


def bigram_similarity(ours: list[str], theirs: list[str]) -> NDArray[np.float64]:
    """Cosine of the character 2-gram TF-IDF vectors of two lists of texts; an empty text is like nothing."""
    return _plain(_text_fit(ours, theirs, KEPT))


def _domain_fit(
    applications: Sequence[Application], experts: Sequence[Expert], prefixes: tuple[tuple[int, float], ...]
) -> Table:
    """What the longest prefix is worth that a code of the one shares with a code of the other."""
    best = np.zeros((len(applications), len(experts)), dtype=np.float32)
    for digits, worth in prefixes:
        ours = [{code[:digits] for code in a.domains if len(code) >= digits} for a in applications]
        theirs = [{code[:digits] for code in e.domains if len(code) >= digits} for e in experts]
        np.maximum(best, (_in_common(ours, theirs) > 0) * np.float32(worth), out=best)
    return best


def _keyword_fit(applications: Sequence[Application], experts: Sequence[Expert]) -> Table:
    """The share of the application's keywords that the expert declares too."""
    ours, theirs = [set(a.keywords) for a in applications], [set(e.keywords) for e in experts]
    size = np.array([max(1, len(one)) for one in ours], dtype=np.float32)
    return np.asarray(_in_common(ours, theirs) / size[:, None], dtype=np.float32)


def _in_common(ours: list[set[str]], theirs: list[set[str]]) -> Table:
    """How many words each two sets share."""
    words = {word: k for k, word in enumerate(sorted(set().union(*ours, *theirs)))}
    left, right = (_incidence(sets, words) for sets in (ours, theirs))
    return _product(left, right)


def _incidence(sets: list[set[str]], words: Mapping[str, int]) -> csr_array:
    size = np.cumsum([0, *map(len, sets)])
    columns = np.array([words[word] for one in sets for word in sorted(one)], dtype=np.int64)
    return csr_array((np.ones(len(columns), np.float32), columns, size), shape=(len(sets), len(words)))


def _bid_fit(
    applications: Sequence[Application], experts: Sequence[Expert], bids: Mapping[tuple[Id, Id], float]
) -> Table:
    row = {a.id: i for i, a in enumerate(applications)}
    column = {e.id: i for i, e in enumerate(experts)}
    table = np.zeros((len(row), len(column)), dtype=np.float32)
    for (application, expert), bid in bids.items():
        if application not in row or expert not in column or not 0 <= bid <= 1:
            raise ProblemError(
                f"The bid of {expert!r} on {application!r} is {bid}, or names an unknown pair; give 0 to 1."
            )
        table[row[application], column[expert]] = bid
    return table


def _text_fit(ours: list[str], theirs: list[str], cache: Cache) -> Table:
    """Cosine of the TF-IDF vectors of all texts at hand; an empty text is like nothing."""
    from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415 - slow to load, rarely needed

    grams = [_kept(cache, "2-grams", text, _bigrams) for text in (*ours, *theirs)]
    found = np.concatenate([one[0] for one in grams])
    if not len(found):
        return np.zeros((len(ours), len(theirs)), dtype=np.float32)
    words, columns = np.unique(found, return_inverse=True)
    size = np.cumsum([0, *(one.shape[1] for one in grams)])
    counts = csr_array(
        (np.concatenate([one[1] for one in grams]), columns, size), shape=(len(grams), len(words))
    )
    table = csr_array(TfidfTransformer(sublinear_tf=True).fit_transform(counts))
    return np.asarray(np.clip(_product(table[: len(ours)], table[len(ours) :]), 0, 1), dtype=np.float32)


def _bigrams(text: str) -> Vector:
    """Character pairs, each as one number, and how often each occurs; as scikit-learn's `char` analyzer cuts them."""
    plain = re.sub(r"\s\s+", " ", text.lower())
    code = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    pairs, count = np.unique(code[:-1] * 0x110000 + code[1:], return_counts=True)
    return np.stack([pairs.astype(np.float64), count.astype(np.float64)])  # below 2**53: exact


def _product(left: csr_array, right: csr_array) -> Table:
    """left x right transposed, dense, block by block."""
    table = np.empty((left.shape[0], right.shape[0]), dtype=np.float32)
    other = right.T.tocsr()
    for start in range(0, left.shape[0], _BLOCK):
        table[start : start + _BLOCK] = (left[start : start + _BLOCK] @ other).toarray()
    return table


def _embedding_fit(ours: list[str], theirs: list[str], embedding: Embedding, cache: Cache) -> Table:
    """Cosine of the vectors, opposite meanings counting as unrelated."""
    vectors = [_kept(cache, embedding.name, text, embedding) if text else None for text in (*ours, *theirs)]
    lengths = {len(one) for one in vectors if one is not None}
    if len(lengths) != 1 or not all(np.isfinite(one).all() for one in vectors if one is not None):
        raise ProblemError(
            f"The embedding {embedding.name} gives vectors of different lengths, or no finite numbers."
        )
    nothing = np.zeros(lengths.pop())
    table = np.stack([nothing if one is None else one for one in vectors])
    norms = np.linalg.norm(table, axis=1, keepdims=True)
    whole = np.rint(table / np.where(norms > 0, norms, 1) * _GRAIN)
    cosine = whole[: len(ours)] @ whole[len(ours) :].T / _GRAIN**2
    return np.asarray(np.clip(cosine, 0, 1), dtype=np.float32)


def _kept(cache: Cache, what: str, text: str, make: Callable[[str], Vector]) -> Vector:
    key = sha256(f"{what}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
    found = cache.get(key)
    if found is None:
        found = cache[key] = np.asarray(make(text), dtype=np.float64)
        found.flags.writeable = False  # shared by all who ask for this text
    return found
