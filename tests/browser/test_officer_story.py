"""An officer's case from formal check to payment, every step done by signing in and using the pages."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from engine.jobs.draws import run_draws
from engine.jobs.sweep import sweep
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.reviewing.models import PanelMember
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.walks import RUBRIC, file_application
from tests.worlds import Bureau, bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"


def test_an_officer_takes_a_case_from_formal_check_to_payment(site: Site, page: Page) -> None:
    """The page shows the amount paid, to the yuan, and how it was derived from the verified figure."""
    with Session(site.engine, expire_on_commit=False) as session:
        world = _with_passwords(bureau(session))
        file_application(world, "T3-D1-S1")
        session.commit()
    desk = Desk(page, PASSWORD)

    _check_and_review(desk, site)
    _decide(desk, site)
    _sign_and_carry_out(desk)
    _accept_and_pay(desk)

    expect(page.locator("#money")).to_contain_text("¥123,457.00")
    expect(page.locator("#money .derivation")).to_contain_text("1,234,565")
    expect(page.locator("h1")).to_contain_text("已拨付")
    expect(page.locator(".sentence")).to_have_text("流程已办结，结果是“已拨付”，没有后续步骤。")


def _check_and_review(desk: Desk, site: Site) -> None:
    desk.sign_in("intake")
    desk.open("形式审查")
    desk.choose_all("结论", "符合")
    desk.decide("通过")
    desk.does("programme", "科室会签", "同意")
    desk.open_round("T3-D1-S1")
    desk.decide("确认")
    _review(desk, site)


def _review(desk: Desk, site: Site) -> None:
    """Drawn before a witness; everybody accepts on the pages and one scores there, the others alike."""
    desk.sign_in("drawing")
    desk.draw_lots(lambda: run_draws(site.engine, site.clock.now()))
    desk.publish_draw()
    panel = _panel(site)
    for login in panel:
        desk.sign_in(login)
        desk.accept_invitation()
    sweep(site.engine, site.clock.now())
    desk.sign_in(panel[0])
    _score(desk.page)
    with Session(site.engine, expire_on_commit=False) as session:
        world = bureau(session)
        world.score_all(RUBRIC)
        world.settle()


def _panel(site: Site) -> list[str]:
    """The logins of those invited."""
    with Session(site.engine) as session:
        joined = select(Account.login).join(PanelMember, col(PanelMember.account_id) == Account.id)
        return list(session.exec(joined.order_by(col(PanelMember.id))))


def _score(page: Page) -> None:
    """The file is opened, every dimension scored, the sheet submitted."""
    page.get_by_role("button", name="开始评分").click()
    page.get_by_role("button", name="打开材料").first.click()
    for key, points in RUBRIC.items():
        page.locator(f"#f-{key}").fill(str(points))
    page.get_by_role("radio", name="推荐", exact=True).check()
    page.get_by_role("button", name="保存", exact=False).first.click()
    page.get_by_role("link", name="返回评分表").click()
    page.get_by_role("button", name="提交全部评分").click()
    expect(page.locator(".sentence")).to_contain_text("办结")


def _decide(desk: Desk, site: Site) -> None:
    desk.does("programme", "确认排序", "上报")
    desk.does("programme", "拟立项方案", "提交")
    desk.does("planning", "资金方案审核", "同意")
    desk.does("approver", "局务会审议", "同意")
    desk.does("planning", "三局会商", "同意")
    site.clock.advance(timedelta(days=10))
    sweep(site.engine, site.clock.now())
    desk.does("approver", "市政府审批", "批准")
    desk.does("planning", "下达立项文件", fill={"文号": "示科发〔2024〕1号"})


def _sign_and_carry_out(desk: Desk) -> None:
    desk.does("applicant", "填报任务书", "提交")
    desk.does("recommender", "推荐单位审核任务书", "同意")
    desk.does("programme", "科室审核任务书", "同意")
    desk.does("approver", "签署任务书", "签署")
    desk.does("applicant", "提交进展报告", "任务完成")


def _accept_and_pay(desk: Desk) -> None:
    desk.does("applicant", "提交结题申请", fill={"实施总结": "全部完成"})
    desk.does("programme", "结题材料审查", "齐全")
    desk.does("planning", "核定经费", fill={"核定自筹经费（元）": "1234565"})
    desk.does("programme", "验收评审", "通过")
    desk.does("approver", "签发验收证书", "签发")
    desk.does("programme", "核定拨付金额", "同意")
    desk.does("planning", "安排年度预算", "已安排")
    desk.does("approver", "批准拨付", "批准")
    desk.does("finance", "登记拨付", fill={"支付凭证号": "示例凭证1"})


def _with_passwords(world: Bureau) -> Bureau:
    """Everybody of the story can sign in."""
    hashed = hash_password(PASSWORD)
    for account in [*world.accounts.values(), *world.experts]:
        account.password_hash = hashed
    return world
