"""The inbox's filters, words and pages: what is shown, what is counted, how many statements it takes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from benchmarks.timing import counting
from engine.cases import lists
from engine.cases.inbox import Filters, Inbox, Sort, choices, inbox
from engine.cases.lists import Counted
from engine.cases.models import CaseFile, WorkItem
from engine.cases.search import _pairs, hits, words_of
from engine.people.models import Organization
from tests.walks import file_application
from tests.worlds import Bureau

DIRECTION = "T3-D1-S1"


def titles(world: Bureau, who: str = "supervision", **filters: object) -> list[str]:
    """The projects an inbox shows under these filters, in its order."""
    found = inbox(world.session, world.accounts[who], Filters(scope="all", **filters), world.now)  # type: ignore[arg-type]
    return [row.title for row in found.rows]


@pytest.fixture
def three(world: Bureau) -> list[CaseFile]:
    """Three applications waiting for their formal check, of 10, 20 and 30 万元, a day apart."""
    cases = []
    for number, title in enumerate(("汽车电子控制", "新能源 Battery 材料", "螺蛳粉加工(示范)"), start=1):
        world.now += timedelta(days=1)
        case = file_application(world, DIRECTION)
        case.title, case.requested_fen = title, number * 10_000_000
        cases.append(case)
    world.session.flush()
    return cases


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("汽车", ["汽车电子控制"]),
        ("电子控", ["汽车电子控制"]),
        ("粉", ["螺蛳粉加工(示范)"]),
        ("(示", ["螺蛳粉加工(示范)"]),
        ("battery 新能", ["新能源 Battery 材料"]),
        ("车汽", []),
        ("'", []),
        ('"x" OR *', []),
        ("示例机械", ["汽车电子控制", "新能源 Battery 材料", "螺蛳粉加工(示范)"]),
    ],
)
def test_words_are_found_in_title_number_and_unit(
    world: Bureau, three: list[CaseFile], words: str, found: list[str]
) -> None:
    """Two Chinese characters, one, punctuation and Latin; whatever is typed is never a query of its own."""
    assert titles(world, text=words) == found


def test_a_word_read_in_each_case_finds_what_the_index_finds(
    world: Bureau, three: list[CaseFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too many cases have the word, the other way gives the same list."""
    by_index = [titles(world, text=word) for word in ("示例", "电子", "(示", "车汽")]
    monkeypatch.setattr("engine.cases.search.LOOK", -1)
    by_reading = [titles(world, text=word) for word in ("示例", "电子", "(示", "车汽")]
    assert by_index == by_reading


def test_a_unit_s_new_name_is_found(world: Bureau, three: list[CaseFile]) -> None:
    """The words follow the unit, and the old name is forgotten."""
    world.session.get_one(Organization, world.unit.id).name = "示范重工有限公司"
    world.session.flush()
    assert (len(titles(world, text="重工")), titles(world, text="示例机械")) == (3, [])


def test_filters_narrow_together(world: Bureau, three: list[CaseFile]) -> None:
    """By amount, due day, unit, direction, step, role and holder; overdue is a whole day over."""
    later = world.now + timedelta(days=60)
    late = inbox(world.session, world.accounts["intake"], Filters(scope="all", due="overdue"), later)
    assert titles(world, amount_from=20_000_000, amount_to=20_000_000) == ["新能源 Battery 材料"]
    assert (late.total, titles(world, due="overdue")) == (Counted(3), [])
    assert titles(world, sort="amount", element="check", role="intake", holder="none", unit="机械") == [
        "螺蛳粉加工(示范)",
        "新能源 Battery 材料",
        "汽车电子控制",
    ]
    assert titles(world, direction="F") == titles(world, role="finance") == []


@pytest.mark.parametrize("sort", ["due", "newest", "oldest", "amount"])
@pytest.mark.parametrize("look", [10_000, 1])
def test_pages_go_on_where_they_ended_and_back(
    world: Bureau, three: list[CaseFile], sort: Sort, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row a page, forward and back, in every order, however few rows are looked at for one page."""
    world.session.get_one(WorkItem, world.item("check", three[1]).id).due_at = None
    world.session.flush()
    whole = titles(world, sort=sort)
    monkeypatch.setattr(lists, "LOOK", look)
    pages = list(turned(world, Filters(scope="all", sort=sort)))
    back = Filters(scope="all", sort=sort, cursor=pages[-1].before)
    before = inbox(world.session, world.accounts["supervision"], back, world.now, size=1)
    assert [row.title for page in pages for row in page.rows] == whole
    assert look == 1 or [row.title for row in before.rows] == [whole[1]]


def turned(world: Bureau, filters: Filters) -> Iterator[Inbox]:
    """Every page of one row, from the first to the last."""
    page = inbox(world.session, world.accounts["supervision"], filters, world.now, size=1)
    yield page
    while page.after:
        here = replace(filters, cursor=page.after)
        page = inbox(world.session, world.accounts["supervision"], here, world.now, size=1)
        yield page


def test_what_is_not_counted_is_not_claimed(
    world: Bureau, three: list[CaseFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the cap a count says at least so many."""
    monkeypatch.setattr(lists, "LOOK", 2)
    found = inbox(world.session, world.accounts["intake"], Filters(scope="all"), world.now, size=2)
    assert (str(found.counts["all"]), str(found.total), len(found.rows)) == ("2+", "2+", 2)


def test_an_inbox_asks_the_same_of_the_database_for_one_row_and_for_thirty(world: Bureau) -> None:
    """The number of statements does not depend on the rows."""
    engine = world.session.get_bind()
    assert isinstance(engine, Engine)

    def asked() -> int:
        with counting(engine) as words:
            inbox(world.session, world.accounts["intake"], Filters(scope="all", text="示例"), world.now)
            choices(world.session, world.accounts["intake"])
        return words.total()

    file_application(world, DIRECTION)
    world.session.commit()
    one = asked()
    for _ in range(29):
        world.open(DIRECTION)
    world.session.commit()
    assert asked() == one


@given(st.text(min_size=1, max_size=30))
def test_pairs_overlap_to_the_whole_word(word: str) -> None:
    """Nothing of a word is lost in its pairs."""
    pairs = _pairs(word)
    assert pairs[0] + "".join(pair[1:] for pair in pairs[1:]) == word


def test_no_words_are_no_filter(world: Bureau) -> None:
    """Blank text narrows nothing, and a lookup is a plain statement."""
    assert words_of("  \t ") == []
    assert world.session.execute(hits(world.session, ["没有"])).all() == []
