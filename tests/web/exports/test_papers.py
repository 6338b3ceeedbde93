"""The papers: what the workbook holds is what the page shows, cell by cell."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session

from engine.cases.models import CaseFile, Notice
from engine.errors import Forbidden
from engine.money import ledger
from engine.people.accounts import hash_password
from engine.records.workbook_reading import read_sheets
from engine.reviewing.models import PublicNotice, ReviewRound, RoundEntry
from tests.worlds import Bureau
from web import throttle
from web.app import create_app
from web.exports import papers
from web.settings import Settings

NOON = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)
FEN = (12_345_678, 30_000_000)


@pytest.fixture
def template() -> str:
    """A bureau with one unit."""
    return "bureau"


@pytest.fixture
def told(world: Bureau) -> Bureau:
    """Two projects ranked, proposed, established and one of them paid; one was asked to correct something."""
    session = world.session
    opened = ReviewRound(
        direction_code="T1-D1",
        title="2024 年 T1-D1 评审",
        quota=2,
        panel_no=1,
        document_number="示科发〔2024〕8号",
        reviewing_at=NOON,
        opened_at=NOON,
    )
    cases = [
        CaseFile(
            number=f"2024-T1-D1-0000{place}",
            direction_code="T1-D1",
            title=f"=示例项目{place}",
            unit_id=world.unit.id or 0,
            applicant_id=world.accounts["applicant"].id or 0,
            status="established",
            requested_fen=fen,
            approved_fen=fen,
            opened_at=NOON,
        )
        for place, fen in enumerate(FEN, start=1)
    ]
    session.add_all([opened, *cases])
    session.flush()
    session.add_all(
        RoundEntry(
            round_id=opened.id or 0,
            case_id=case.id or 0,
            mean=f"8{place}.50",
            rank=3 - place,
            result="recommended",
            decision="fund",
            approved_fen=case.approved_fen,
            announced="established",
        )
        for place, case in enumerate(cases, start=1)
    )
    numbers = [case.id or 0 for case in cases]
    notice = PublicNotice(
        round_id=opened.id or 0,
        title="关于 2024 年 T1-D1 拟立项项目的公示",
        posted_on=date(2024, 5, 6),
        ends_on=date(2024, 5, 10),
        cases=numbers,
        listed=[
            {
                "number": case.number,
                "title": case.title,
                "unit": world.unit.name,
                "approved_fen": case.approved_fen,
            }
            for case in reversed(cases)  # in their rank
        ],
    )
    correction = Notice(
        case_id=numbers[0], kind="correction", title="补正通知书", body="需补正：盖章。", at=NOON
    )
    session.add_all([notice, correction])
    _pay(session, cases[1])
    session.commit()
    return world


def _pay(session: Session, case: CaseFile, document: str = "") -> None:
    voucher = {"recorded_on": date(2024, 6, 3), "recorded_by": "finance"}
    ledger.commit_funds(
        session,
        case_id=case.id or 0,
        amount_fen=case.approved_fen,
        voucher=ledger.Voucher(f"commit:{case.id}", **voucher, reference=document),  # type: ignore[arg-type]
    )
    ledger.record_payment(
        session,
        case_id=case.id or 0,
        amount_fen=case.approved_fen,
        year=2024,
        derivation=[{"value_yuan": case.approved_fen // 100}],
        voucher=ledger.Voucher(f"order:{case.id}", **voucher, reference="2024-001"),  # type: ignore[arg-type]
    )


@pytest.fixture
def officer(told: Bureau, database: Engine) -> FlaskClient:
    """Somebody of the planning section, signed in."""
    throttle.forget()
    told.accounts["planning"].password_hash = hash_password("a long password")
    told.session.commit()
    app = create_app(database, Settings(secret_key="for tests only"))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    client.post("/sign-in", data={"login": "planning", "password": "a long password"})
    return client


def _page_table(html: str) -> list[list[str]]:
    table = html[html.index('id="paper"') : html.index("</table>")]
    lines = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    return [[unescape(cell) for cell in line] for line in cells]


def _workbook_table(content: bytes, headings: list[str]) -> list[list[str]]:
    (rows,) = read_sheets(content).values()
    start = next(number for number, row in enumerate(rows) if row == headings)
    return [[_as_excel_shows(value) for value in row] for row in rows[start : start + len(rows)]]


def _as_excel_shows(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and value < 1000 else f"{value:,.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)


PAPERS = [
    ("/exports/notices/1", ["1", "2024-T1-D1-00002", "=示例项目2", "示例机械有限公司", "30.00"]),
    ("/exports/established/1", ["1", "2024-T1-D1-00002", "=示例项目2", "示例机械有限公司", "", "", "30.00"]),
    (
        "/exports/rankings/1",
        ["1", "2024-T1-D1-00002", "=示例项目2", "示例机械有限公司", "82.50", "推荐", "30.00", "30.00", ""],
    ),
    (
        "/exports/payments/2024",
        [
            "1",
            "2024-06-03",
            "2024-T1-D1-00002",
            "=示例项目2",
            "示例机械有限公司",
            "示科发〔2024〕8号",
            "",
            "30.00",
            "2024-001",
        ],
    ),
    (
        "/exports/formal-checks",
        [
            "1",
            "2024-05-06",
            "2024-T1-D1-00001",
            "=示例项目1",
            "示例机械有限公司",
            "补正通知书",
            "需补正：盖章。",
            "",
        ],
    ),
]


@pytest.mark.parametrize(("address", "first"), PAPERS)
def test_page_and_workbook_are_one_paper(officer: FlaskClient, address: str, first: list[str]) -> None:
    """The same headings, rows and totals; 万元 to two decimals on both, and a title that begins with = is text."""
    page = _page_table(officer.get(address).text)
    book = _workbook_table(officer.get(f"{address}.xlsx").data, page[0])

    wan = [place for place, heading in enumerate(page[0]) if "万元" in heading]
    shown = [[_two(cell) if place in wan else cell for place, cell in enumerate(row)] for row in book]
    assert page[1] == first
    assert shown[: len(page)] == page


def _two(cell: str) -> str:
    return (
        cell
        if not cell.replace(",", "").replace(".", "").isdigit()
        else f"{float(cell.replace(',', '')):,.2f}"
    )


def test_the_head_of_the_paper_is_on_both(officer: FlaskClient) -> None:
    """Title, number and preface, above the table."""
    page = officer.get("/exports/notices/1").text
    (rows,) = read_sheets(officer.get("/exports/notices/1.xlsx").data).values()

    assert rows[0][0] == "关于 2024 年 T1-D1 拟立项项目的公示"
    assert "公示期为 2024-05-06 至 2024-05-10（5 个工作日）" in rows[1][0]
    assert rows[0][0] in page
    assert rows[1][0] in page
    (list_rows,) = read_sheets(officer.get("/exports/established/1.xlsx").data).values()
    assert list_rows[1][0] == "文号：示科发〔2024〕8号"


def test_the_total_is_of_the_exact_amounts(told: Bureau) -> None:
    """12.345678 and 30 万元 come to 42.35, whatever the lines round to."""
    table = papers.public_notice(told.session, 1)

    assert table.totals[4] == sum(FEN)


def test_a_project_brought_in_is_paid_under_its_own_document(told: Bureau) -> None:
    """No round of ours established it; its commitment names what did."""
    case = CaseFile(
        number="2023-旧-001",
        direction_code="T1-D1",
        title="存量项目",
        unit_id=told.unit.id or 0,
        applicant_id=told.accounts["applicant"].id or 0,
        status="paid",
        approved_fen=10_000_000,
        opened_at=NOON,
    )
    told.session.add(case)
    told.session.flush()
    _pay(told.session, case, "示科发〔2023〕1号")

    table = papers.payments(told.session, 2024)

    assert [(row[2], row[5]) for row in table.rows] == [
        ("2024-T1-D1-00002", "示科发〔2024〕8号"),
        ("2023-旧-001", "示科发〔2023〕1号"),
    ]


def test_a_ranking_is_only_for_who_may_see_scores(told: Bureau) -> None:
    """Finance has no business with it."""
    with pytest.raises(Forbidden):
        papers.ranking(told.session, 1, told.accounts["finance"])


def test_every_paper_is_on_the_list(officer: FlaskClient) -> None:
    """With its workbook beside it."""
    page = officer.get("/exports").text

    for address, _ in PAPERS:
        assert f'"{address}"' in page
        assert f'"{address}.xlsx"' in page
