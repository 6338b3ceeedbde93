"""The catalogue in the database."""

import pytest
from sqlmodel import Session, func, select

from engine.catalogue.directions import get_direction, list_directions, load_catalogue
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
