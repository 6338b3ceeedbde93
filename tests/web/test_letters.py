"""The bureau's letters to units, each on a sheet of its own."""

from sqlmodel import select

from engine.cases.models import Notice
from tests.walks import file_application
from tests.web.test_cases import Town, template, town

__all__ = ["template", "town"]


def letters(town: Town, count: int) -> list[Notice]:
    """So many applications, each asked for a correction."""
    for _ in range(count):
        case = file_application(town.world, "T3-D1-S1")
        town.world.do("check", "correct", case, comment="请补章。")
    found = list(town.world.session.exec(select(Notice).where(Notice.kind == "correction")))
    town.world.session.commit()
    return found


def test_a_unit_opens_its_letter_and_prints_it(town: Town) -> None:
    """To whom, about what, what it asks; the page of the application leads there."""
    (letter,) = letters(town, 1)
    applicant = town.sign_in("applicant")

    page = applicant.get(f"/letters/{letter.id}").text

    assert f'href="/letters/{letter.id}"' in applicant.get(f"/applications/{letter.case_id}").text
    assert "示例机械有限公司：" in page
    assert "示例汽车电子控制单元研发" in page
    assert letter.body in page


def test_all_letters_of_the_formal_check_print_in_one_go(town: Town) -> None:
    """One sheet each; a direction narrows them; a letter that is not there is said."""
    letters(town, 2)
    intake = town.sign_in("intake")

    sheets = [
        intake.get(f"/letters/formal-checks?direction={direction}").text.count('class="panel paper letter"')
        for direction in ("", "T3", "F")
    ]

    assert sheets == [2, 2, 0]
    assert intake.get("/letters/999").status_code == 404
