"""Next year's guide is read from its text alone, whatever its labels, order and figures."""

import random
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalogue.spec import DirectionSpec, as_json
from engine.change.guide.compare import Change, changes
from engine.change.guide.draft import Draft, read_guide
from engine.change.guide.text import read_lines
from seed.catalogue import read_catalogue
from tests.engine.change.guide.printed import OTHER_LABELS, Style, printed

CATALOGUE = read_catalogue()
MONEY_AND_TIME = (
    "code", "funding_mode", "payment_trigger", "rule", "quota", "min_total_investment_yuan", "self_raised_ratio_min",
    "duration_max_years", "duration_exact_years", "competitive", "procedure",
)  # fmt: skip


def read(text: str) -> Draft:
    """A guide's text, read."""
    return read_guide(read_lines(text.encode(), "指南.txt"))


def stated(draft: Draft) -> list[dict[str, object]]:
    """Money and time of every leaf read."""
    return [{name: one.fields[name] for name in MONEY_AND_TIME} for one in draft.directions]


def expected(catalogue: Sequence[DirectionSpec]) -> list[dict[str, object]]:
    """The same of a catalogue."""
    return [{name: as_json(spec)[name] for name in MONEY_AND_TIME} for spec in catalogue]


def test_every_leaf_is_read_back() -> None:
    """All 67: code, path, mode, trigger, rate, cap, floor, ratio, quota, duration."""
    draft = read(printed(CATALOGUE))

    assert stated(draft) == expected(CATALOGUE)
    assert [tuple(one.fields["path"]) for one in draft.directions] == [spec.path for spec in CATALOGUE]


@given(
    st.fixed_dictionaries({kind: st.sampled_from(names) for kind, names in OTHER_LABELS.items()}),
    st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_other_labels_say_the_same(labels: dict[str, str], blank: bool) -> None:
    """What an item is called does not decide what is read from it."""
    text = printed(CATALOGUE, Style(labels=labels, blank=blank))

    assert stated(read(text)) == expected(CATALOGUE)


@pytest.mark.parametrize("titles", [("领域", "任务", "课题"), ("板块", "重点方向", "子任务")])
@pytest.mark.parametrize("number", ["{}、", "（{}）", "{}．"])
def test_other_headings_make_the_same_outline(titles: tuple[str, str, str], number: str) -> None:
    """A level is learnt from the text, not from a word."""
    text = printed(CATALOGUE, Style(titles=titles, number=number))

    assert stated(read(text)) == expected(CATALOGUE)


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_reordered_sections_only_move(chance: random.Random) -> None:
    """Sections in another order: letters follow the order, nothing else differs."""
    sections = list(dict.fromkeys(spec.path[0] for spec in CATALOGUE))
    chance.shuffle(sections)
    shuffled = [spec for title in sections for spec in CATALOGUE if spec.path[0] == title]
    before, after = read(printed(CATALOGUE)), read(printed(shuffled))

    found = changes([one.fields for one in before.directions], [one.fields for one in after.directions])

    assert {change.what for change in found} <= {"moved"}


def with_rule(spec: DirectionSpec, **bounds: object) -> DirectionSpec:
    """The direction with another rule."""
    return spec.model_copy(update={"rule": spec.rule.model_copy(update=bounds)})


def test_changed_figures_are_exactly_the_differences() -> None:
    """A rate, a cap, a quota and a duration changed by a bureau are found, with before and after, and nothing more."""
    edits = {
        "T3-D1-S1": lambda spec: with_rule(spec, rate=Decimal("0.125"), cap_yuan=450_000),
        "A-D1": lambda spec: spec.model_copy(update={"quota": 40}),
        "C-D1": lambda spec: spec.model_copy(update={"duration_exact_years": None, "duration_max_years": 3}),
        "E-D1-S1": lambda spec: spec.model_copy(update={"self_raised_ratio_min": Decimal(3)}),
    }
    edited = [edits.get(spec.code, lambda same: same)(spec) for spec in CATALOGUE]

    found = changes(
        [one.fields for one in read(printed(CATALOGUE)).directions],
        [one.fields for one in read(printed(edited)).directions],
    )

    assert [(change.code, change.field, change.before, change.after) for change in found] == [
        ("T3-D1-S1", "rule.cap_yuan", 300_000, 450_000),
        ("T3-D1-S1", "rule.rate", "0.1", "0.125"),
        ("A-D1", "quota", 50, 40),
        ("C-D1", "duration_exact_years", 2, None),
        ("C-D1", "duration_max_years", None, 3),
        ("E-D1-S1", "self_raised_ratio_min", 4, 3),
    ]


def test_a_leaf_that_came_and_one_that_went() -> None:
    """Neither is mistaken for the other when their titles differ."""
    old = [as_json(spec) for spec in CATALOGUE]
    new = [leaf for leaf in old if leaf["code"] != "T1-D2"]
    new += [{**old[0], "code": "G-D1", "path": ["海洋专项", "方向1：深海观测浮标"]}]

    assert changes(old, new) == [
        Change("added", "G-D1", "方向1：深海观测浮标"),
        Change("removed", "T1-D2", CATALOGUE[1].title),
    ]
