"""The catalogue in the database."""

import pytest
from sqlmodel import Session, col, func, select

from engine.catalogue.directions import belongs, get_direction, list_directions, load_catalogue, under
from engine.catalogue.models import Direction
from engine.errors import NotFound
from seed.catalogue import read_catalogue


def test_loading_twice_changes_nothing(session: Session) -> None:
    """The second load finds every row as it is."""
    specs = read_catalogue()
    assert [load_catalogue(session, specs), load_catalogue(session, specs)] == [67, 0]
    assert session.exec(select(func.count()).select_from(Direction)).one() == 67


def test_a_changed_direction_is_brought_up_to_date(session: Session) -> None:
    """Only the row that differs is written."""
    specs = read_catalogue()
    load_catalogue(session, specs)
    edited = specs[0].model_copy(update={"quota": 8})
    assert load_catalogue(session, [edited, *specs[1:]]) == 1
    assert get_direction(session, edited.code) == edited


def test_directions_come_back_as_they_were_in_the_guides_order(session: Session) -> None:
    """Nothing is lost on the way through the table."""
    specs = read_catalogue()
    load_catalogue(session, reversed(specs))
    assert list_directions(session) == specs


def test_an_unknown_code_names_its_neighbours(session: Session) -> None:
    """A slip of the finger is answered with what was probably meant."""
    load_catalogue(session, read_catalogue())
    with pytest.raises(NotFound, match=r"“t2-d1-s8”.*T2-D1-S"):
        get_direction(session, "t2-d1-s8")


@pytest.mark.parametrize(
    ("beginning", "among"),
    [
        ("", ["T3", "T3-D1", "T3-D1-S1", "T3-D10", "T30-D1"]),
        ("T3", ["T3", "T3-D1", "T3-D1-S1", "T3-D10"]),
        ("T3-D1", ["T3-D1", "T3-D1-S1"]),
        ("T3-D1-S1", ["T3-D1-S1"]),
        ("T3-D", []),
        ("%", []),
    ],
)
def test_the_tenth_direction_is_not_of_the_first(session: Session, beginning: str, among: list[str]) -> None:
    """A beginning ends where a number ends; the database and the program agree."""
    codes = ["T3", "T3-D1", "T3-D1-S1", "T3-D10", "T30-D1"]
    spec = read_catalogue()[0]
    load_catalogue(session, [spec.model_copy(update={"code": code}) for code in codes])
    found = select(Direction.code).where(under(col(Direction.code), beginning)).order_by(col(Direction.code))
    assert list(session.exec(found)) == [code for code in codes if belongs(code, beginning)] == among
