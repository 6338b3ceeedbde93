"""Fit (匹配度) of applications to experts from domain codes, Chinese texts and declared keywords.

Each part lies within 0 and 1 and is kept, so that a score can be explained. Texts are compared as character
2-grams weighted by TF-IDF, which needs no dictionary and does well on short Chinese texts; a caller may bring
another text similarity, such as an embedding.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Application, Expert

Table = NDArray[np.float64]
Similarity = Callable[[list[str], list[str]], Table]
WEIGHTS = {"domain": 0.4, "text": 0.4, "keywords": 0.2}
_LEVELS = ((7, 1.0), (5, 0.8), (3, 0.5))  # GB/T 13745: sub-subject, second-level, first-level discipline
_cache: dict[str, Table] = {}
_CACHED = 16


def fit_scores(
    applications: tuple[Application, ...],
    experts: tuple[Expert, ...],
    weights: Mapping[str, float] | None = None,
    similarity: Similarity | None = None,
    bids: Table | None = None,
) -> tuple[Table, dict[str, Table]]:
    """Scores and their parts. Parts nobody has data for are left out and the other weights scaled up."""
    weights = {**WEIGHTS, "bids": 0.3} if weights is None else weights
    texts = [f"{a.title} {a.abstract}".strip() for a in applications], [e.profile for e in experts]
    parts: dict[str, Table] = {}
    if any(a.domains for a in applications) and any(e.domains for e in experts):
        parts["domain"] = domain_fit(applications, experts)
    if any(texts[0]) and any(texts[1]):
        parts["text"] = text_fit(*texts, similarity=similarity)
    if any(a.keywords for a in applications) and any(e.keywords for e in experts):
        parts["keywords"] = keyword_fit(applications, experts)
    if bids is not None:
        parts["bids"] = bids
    whole = sum(weights[name] for name in parts)
    scores = np.zeros((len(applications), len(experts)))
    for name, table in parts.items():
        scores += weights[name] / whole * table
    return scores, parts


def domain_fit(applications: tuple[Application, ...], experts: tuple[Expert, ...]) -> Table:
    """How far the closest two domain codes agree: 1 to the third level, .8 to the second, .5 to the first."""
    best = np.zeros((len(applications), len(experts)))
    for digits, value in reversed(_LEVELS):
        ours = [{code[:digits] for code in a.domains if len(code) >= digits} for a in applications]
        theirs = [{code[:digits] for code in e.domains if len(code) >= digits} for e in experts]
        best = np.where(_meet(ours, theirs) > 0, value, best)
    return np.asarray(best, dtype=np.float64)


def keyword_fit(applications: tuple[Application, ...], experts: tuple[Expert, ...]) -> Table:
    """Share of the application's keywords that the expert declares too."""
    ours, theirs = [set(a.keywords) for a in applications], [set(e.keywords) for e in experts]
    size = np.array([max(1, len(one)) for one in ours], dtype=np.float64)
    return np.asarray(_meet(ours, theirs) / size[:, None])


def _meet(ours: list[set[str]], theirs: list[set[str]]) -> Table:
    """How many words each two sets share."""
    words = {word: k for k, word in enumerate(sorted(set().union(*ours, *theirs)))}
    left, right = (
        np.zeros((len(ours), len(words)), np.float32),
        np.zeros((len(theirs), len(words)), np.float32),
    )
    for table, sets in ((left, ours), (right, theirs)):
        for i, one in enumerate(sets):
            table[i, [words[word] for word in one]] = 1
    return np.asarray(left @ right.T, dtype=np.float64)


def text_fit(ours: list[str], theirs: list[str], similarity: Similarity | None = None) -> Table:
    """Similarity of texts, remembered by their hash."""
    chosen = similarity or bigram_similarity
    key = sha256("\0".join([chosen.__qualname__, *ours, "\1", *theirs]).encode()).hexdigest()
    if key not in _cache:
        if len(_cache) >= _CACHED:
            _cache.pop(next(iter(_cache)))
        _cache[key] = chosen(ours, theirs)
    return _cache[key].copy()


def bigram_similarity(ours: list[str], theirs: list[str]) -> Table:
    """Cosine of character 2-gram TF-IDF vectors; an empty text is like nothing."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - slow to load, rarely needed

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True)
    try:
        table = vectors.fit_transform([*ours, *theirs])
    except ValueError:  # no text holds two characters
        return np.zeros((len(ours), len(theirs)))
    return np.asarray((table[: len(ours)] @ table[len(ours) :].T).toarray(), dtype=np.float64)
