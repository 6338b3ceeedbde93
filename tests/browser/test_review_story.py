"""A review round in the browser: twelve applications, a draw before a witness, a conflict, a substitute, a ranking."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.jobs.draws import run_draws
from engine.people.accounts import hash_password
from engine.people.models import Account, Organization
from engine.reviewing.models import PanelMember, ReviewRound
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.engine.reviewing.worlds import DIRECTION, batch, score, widen_pool
from tests.worlds import Bureau, bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"
PERCENTS = [88, 85, 85, 81, 78, 74, 72, 69, 68, 65, 58, 51]
WEIGHTS = {"necessity": 15, "innovation": 25, "feasibility": 20, "team": 15, "benefit": 15, "budget": 10}
QUOTA = 3


def test_a_panel_is_drawn_a_substitute_steps_in_and_the_ranking_stands(site: Site, page: Page) -> None:
    """Grouped, drawn with a witness's number, one conflict declared before the file opens, scored and ranked."""
    _twelve_applications(site)
    desk = Desk(page, PASSWORD)

    desk.sign_in("programme")
    desk.open_round(DIRECTION)
    desk.decide("确认")
    seats = _draw(desk, site)
    gone = next(name for name, backups in seats.items() if backups)
    _declare_a_conflict(desk, _login(site, gone))
    stepped_in = seats[gone][0]
    assert _standings(site) == dict.fromkeys(seats, "invited") | {gone: "conflict", stepped_in: "invited"}
    for name, standing in _standings(site).items():
        if standing == "invited":
            _accept(desk, _login(site, name))
    _score(desk, _login(site, stepped_in))
    _others_score(site)

    desk.sign_in("programme")
    page.goto("/rounds/1")
    assert _ranking(page) == [
        ["1", "示例项目 1", "88.00", "限额内"],
        ["2", "示例项目 2", "85.00", "限额内"],
        ["3", "示例项目 3", "85.00", "限额内"],
        ["4", "示例项目 4", "81.00", "备选第 1"],
        ["5", "示例项目 5", "78.00", "备选第 2"],
        ["6", "示例项目 6", "74.00", "备选第 3"],
        ["7", "示例项目 7", "72.00", "备选第 4"],
        ["8", "示例项目 8", "69.00", "备选第 5"],
        ["9", "示例项目 9", "68.00", "备选第 6"],
        ["10", "示例项目 10", "65.00", "备选第 7"],
        ["11", "示例项目 11", "58.00", "不推荐"],
        ["12", "示例项目 12", "51.00", "不推荐"],
    ]


def _twelve_applications(site: Site) -> None:
    with Session(site.engine, expire_on_commit=False) as session:
        world = bureau(session)
        for number, case in enumerate(batch(world, len(PERCENTS)), start=1):
            case.title = f"示例项目 {number}"
        widen_pool(world)
        hashed = hash_password(PASSWORD)
        for account in session.exec(select(Account)):
            account.password_hash = hashed
        session.commit()


def _draw(desk: Desk, site: Site) -> dict[str, list[str]]:
    """Prepared, drawn by lot and published; the names of those seated, each with the substitutes in order."""
    page = desk.page
    desk.sign_in("drawing")
    desk.draw_lots(lambda: run_draws(site.engine, site.clock.now()))
    seats = {
        _first_word(row.locator("td").first): _backups(row) for row in page.locator("#seats tbody tr").all()
    }
    page.get_by_role("button", name="重演核对").click()
    expect(page.locator("#attempts [role=status]")).to_contain_text("全部一致")
    desk.publish_draw()
    _limit(site)
    return seats


def _limit(site: Site) -> None:
    """The direction states no quota; this round gets one."""
    with Session(site.engine) as session:
        session.exec(select(ReviewRound)).one().quota = QUOTA
        session.commit()


def _declare_a_conflict(desk: Desk, login: str) -> None:
    """Before any file opens: titles may be read, the file itself not."""
    page = desk.page
    desk.sign_in(login)
    page.get_by_role("button", name="答复").click()
    page.get_by_label("示例项目 1 回避情形").fill("与申报单位正在合作一个课题")
    page.get_by_role("radio", name="声明回避").check()
    page.get_by_role("button", name="提交答复").click()
    expect(page.locator("main")).to_contain_text("已声明回避")


def _accept(desk: Desk, login: str) -> None:
    desk.sign_in(login)
    desk.accept_invitation()


def _score(desk: Desk, login: str) -> None:
    """One expert reads and scores all twelve, ten percent lower than the others; the running total keeps up."""
    page = desk.page
    desk.sign_in(login)
    page.get_by_role("button", name="开始评分").click()
    page.get_by_role("button", name="打开材料").first.click()
    for percent in PERCENTS:
        for key, weight in WEIGHTS.items():
            page.locator(f"#f-{key}").fill(str(weight * (percent - 10) / 100))
        page.get_by_role("radio", name="推荐", exact=True).or_(page.get_by_role("radio", name="不推荐")).nth(
            int(percent < 80)
        ).check()
        expect(page.locator("[data-total]")).to_have_text(str(percent - 10))
        page.get_by_role("button", name="保存", exact=False).first.click()
    page.get_by_role("link", name="返回评分表").click()
    page.get_by_role("button", name="提交全部评分").click()
    expect(page.locator(".sentence")).to_contain_text("办结")


def _others_score(site: Site) -> None:
    """The other four give everything the whole share; the ranking follows by itself."""
    with Session(site.engine, expire_on_commit=False) as session:
        unit = session.exec(select(Organization).where(Organization.kind == "recommending")).one()
        world = Bureau(session, accounts={}, unit=unit, experts=[])
        cases = session.exec(select(CaseFile.id).order_by(col(CaseFile.id)))
        score(world, {case or 0: percent for case, percent in zip(cases, PERCENTS, strict=True)})
        world.settle()


def _ranking(page: Page) -> list[list[str]]:
    """Rank, title, mean and place of every line."""
    rows = page.locator("#ranking table.ranking tbody tr:not(.quota-line)").all()
    return [
        [
            row.locator(where).first.inner_text().splitlines()[0]
            for where in ("td:nth-child(1)", "a", "strong")
        ]
        + [row.locator("td:nth-child(8)").inner_text().splitlines()[0].strip()]
        for row in rows
    ]


def _standings(site: Site) -> dict[str, str]:
    with Session(site.engine) as session:
        statement = select(Account.name, PanelMember.standing).join(
            Account, col(Account.id) == PanelMember.account_id
        )
        return dict(session.exec(statement).all())


def _login(site: Site, name: str) -> str:
    with Session(site.engine) as session:
        return session.exec(select(Account.login).where(Account.name == name)).one()


def _first_word(cell: Locator) -> str:
    return cell.inner_text().split()[0]


def _backups(row: Locator) -> list[str]:
    told = row.locator("td[data-label^='备选']").inner_text().strip()
    return told.split(" → ") if told else []
