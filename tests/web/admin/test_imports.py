"""Import from the browser: a template, a try, and the file itself."""

import io
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from engine import db
from engine.people.models import Organization
from engine.records.workbook_reading import read_sheets
from tests.engine.records.worlds import workbook
from tests.worlds import code

Enter = Callable[[str], FlaskClient]
UNIT = {"单位名称": "示例导入公司", "统一社会信用代码": code("91450200MA0000031"), "单位类型": "企业"}


def _send(client: FlaskClient, act: str, *rows: dict[str, str]) -> tuple[int, str]:
    sent = {"act": act, "file": (io.BytesIO(workbook(单位=rows)), "units.xlsx")}
    answer = client.post("/admin/imports/units", data=sent)
    return answer.status_code, answer.text


def _names(engine: Engine) -> list[str]:
    with db.reading(engine) as session:
        return list(session.exec(select(Organization.name)))


def test_a_template_is_a_workbook_in_chinese(signed_in: Enter) -> None:
    """Every kind has one; its first sheet is empty below the headings."""
    answer = signed_in("admin").get("/admin/imports/units/template.xlsx")

    assert read_sheets(answer.data)["单位"] == [
        [
            "单位名称*",
            "统一社会信用代码*",
            "单位类型*",
            "县区",
            "推荐单位",
            "控股单位",
            "注册地在本市",
            "法定代表人",
        ]
    ]


def test_a_try_shows_what_would_be_made_and_makes_nothing(signed_in: Enter, furnished: Engine) -> None:
    """Then the same file, for good."""
    admin = signed_in("admin")

    status, page = _send(admin, "try", UNIT)
    assert (status, "示例导入公司" in page, "将新增" in page) == (200, True, True)
    assert "示例导入公司" not in _names(furnished)

    status, page = _send(admin, "import", UNIT)
    assert (status, "已导入 1 条" in page) == (200, True)
    assert "示例导入公司" in _names(furnished)


def test_an_administrator_reads_what_no_workbook_brings(signed_in: Enter) -> None:
    """Whoever may not settle it is not bothered with it."""
    pages = [signed_in(login).get("/admin/imports").text for login in ("admin", "intake")]

    assert ["本年度还没有登记预算" in page for page in pages] == [True, False]


def test_one_bad_cell_holds_back_the_whole_file(signed_in: Enter, furnished: Engine) -> None:
    """It is named, and the good line is not made either."""
    good = UNIT | {"单位名称": "示例好行公司", "统一社会信用代码": code("91450200MA0000032")}
    status, page = _send(
        signed_in("admin"), "import", good, good | {"单位名称": "示例坏行", "单位类型": "公司"}
    )

    assert (status, "单位!C3" in page) == (422, True)
    assert "示例好行公司" not in _names(furnished)


def test_intake_imports_applications_only(signed_in: Enter) -> None:
    """The others are shown with the reason; the verb refuses them too."""
    intake = signed_in("intake")

    assert "只有管理员可以修改流程、参数和用户" in intake.get("/admin/imports").text
    assert _send(intake, "try", UNIT)[0] == 403
    assert signed_in("finance").get("/admin/imports").status_code == 403


def test_no_file_is_said_in_a_sentence(signed_in: Enter) -> None:
    """As is a file that is no workbook."""
    admin = signed_in("admin")

    assert "请先选择" in admin.post("/admin/imports/units", data={"act": "try"}).text
    sent = {"act": "try", "file": (io.BytesIO(b"not a workbook"), "x.xlsx")}
    assert "不是 Excel 工作簿" in admin.post("/admin/imports/units", data=sent).text
