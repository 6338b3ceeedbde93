"""An admin changes a procedure in the browser; what pays too early is refused with the walk that shows it."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.vocabulary import Role
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.walks import accept, file_and_establish, sign_task_book
from tests.worlds import Bureau, bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"


def test_an_admin_changes_a_limit_and_adds_a_step_and_a_running_case_finishes_on_it(
    site: Site, page: Page
) -> None:
    """Drawn, proved, compared, approved by a second admin, migrated; finance does the step that was added."""
    case = _waiting_for_approval_of_its_payment(site)
    desk = Desk(page, PASSWORD)

    desk.sign_in("admin")
    _open_editor(page, "disbursement")
    expect(page.locator(".bjs-powered-by")).to_be_in_viewport(ratio=1)
    _select(page, "approve_payment")
    _set(page, "办理期限（工作日）", "3")
    _drop_on_flow(page, "user-task", "flow_pay_record")
    _set(page, "名称", "复核凭证")
    _set(page, "元素编号", "check_voucher")
    _choose(page, "表单", "confirmation")
    _set(page, "办理期限（工作日）", "2")
    _set(page, "办理结果", "confirm")
    _propose(page)
    expect(page.locator(".changes").first).to_contain_text("新增人工步骤“复核凭证”")
    expect(page.locator(".changes").first).to_contain_text("limit_payment_step → 3")
    desk.sign_in("admin2")
    _approve_and_migrate(page)
    _complete(desk, case, "approver", "批准拨付", "批准")
    desk.sign_in("finance")
    page.goto(f"/cases/{case}")
    page.get_by_label("支付凭证号").fill("示例凭证1")
    desk.decide()
    _complete(desk, case, "finance", "复核凭证")

    page.goto(f"/cases/{case}")
    expect(page.locator("h1")).to_contain_text("已拨付")


def test_a_diagram_that_pays_before_acceptance_is_refused_with_its_walk(site: Site, page: Page) -> None:
    """The proof fails, its counter-example is walked on the drawing, and publishing is refused."""
    _open_bureau(site)
    desk = Desk(page, PASSWORD)
    desk.sign_in("admin")
    _open_editor(page, "implementation")
    _drop_on_flow(page, "service-task", "flow_start_report")
    _choose(page, "具名动作", "record_payment")
    expect(page.locator(".findings[data-state=clean]")).to_be_visible()

    page.get_by_role("button", name="现在证明").click()
    failed = page.locator(".verdicts .fails", has_text="验收通过之前不会拨付").first
    failed.get_by_role("button", name="在图上走一遍").click()

    expect(page.locator(".canvas .is-here")).to_be_visible(timeout=15_000)
    expect(page.locator("[data-saving][data-state=saved]")).to_be_visible()
    page.get_by_role("button", name="提交发布").click()
    expect(page.get_by_role("button", name="提交，请另一位管理员批准")).to_be_disabled()
    failed.get_by_role("button", name="在图上走一遍").click()
    expect(page.locator(".diagram .is-here")).to_be_visible(timeout=15_000)


def test_what_is_typed_is_checked_and_the_element_found(site: Site, page: Page) -> None:
    """A wrong condition is said under its field and in the list; the list leads to it; undo takes it back."""
    _open_bureau(site)
    Desk(page, PASSWORD).sign_in("admin")
    _open_editor(page, "disbursement")
    _select(page, "flow_review_payment_result_budget")
    condition = page.get_by_label("条件", exact=True)
    condition.fill("review_p")
    page.get_by_role("option", name="review_payment_outcome").click()
    condition.press_sequentially(' == "a')
    page.get_by_role("option", name='"agree"').click()
    expect(condition).to_have_value('review_payment_outcome == "agree"')

    condition.fill("review_payment_outcome = 1")
    expect(page.locator("#p-condition ~ [data-problem]")).to_contain_text("不是合法的表达式")
    condition.blur()
    page.locator(".canvas").click(position={"x": 5, "y": 5})
    page.locator("[data-findings-list] button").click()
    expect(condition).to_have_value("review_payment_outcome = 1")
    expect(page.locator(".djs-connection.has-finding")).to_have_count(1)
    page.get_by_role("button", name="撤销操作").click()

    expect(page.locator(".findings[data-state=clean]")).to_be_visible()


def test_only_the_profile_can_be_drawn(site: Site, page: Page) -> None:
    """No script task, no inclusive gateway, no data object: not in the palette, not in a step's change menu."""
    _open_bureau(site)
    Desk(page, PASSWORD).sign_in("admin")
    _open_editor(page, "disbursement")
    palette = page.locator(".djs-palette .entry").evaluate_all("all => all.map(one => one.dataset.action)")
    _select(page, "pay")
    page.locator(".djs-context-pad [data-action=replace]").click()
    menu = page.locator(".djs-popup .entry").evaluate_all("all => all.map(one => one.dataset.id)")

    assert set(palette) == {
        *("hand-tool", "lasso-tool", "space-tool", "global-connect-tool", "create.subprocess-expanded"),
        *("create.start-event", "create.timer-event", "create.end-event", "create.exclusive-gateway"),
        *("create.parallel-gateway", "create.user-task", "create.service-task", "create.receive-task"),
        *("create.rule-task", "create.call-activity"),
    }
    assert {one for one in menu if one.startswith("replace-with")} == {
        f"replace-with-{kind}"
        for kind in (
            *("service-task", "receive-task", "manual-task", "rule-task", "call-activity"),
            "expanded-subprocess",
        )
    }


def _open_bureau(site: Site) -> None:
    """A bureau whose people can sign in, with two administrators."""
    with Session(site.engine) as session:
        _with_passwords(bureau(session))
        session.commit()


def _waiting_for_approval_of_its_payment(site: Site) -> int:
    """The same bureau with a case whose payment waits to be approved."""
    with Session(site.engine, expire_on_commit=False) as session:
        world = _with_passwords(bureau(session))
        case = file_and_establish(world, "T3-D1-S1")
        sign_task_book(world)
        world.do("report", "finish")
        accept(world, verified_self_raised="1234565")
        world.do("review_payment", "agree")
        world.do("budget", "arrange")
        world.settle()
        site.clock.advance(world.now - site.clock.now())
        return case.id or 0


def _with_passwords(world: Bureau) -> Bureau:
    hashed = hash_password(PASSWORD)
    second = Account(login="admin2", name="管理员乙", roles=[Role.ADMIN.value], password_hash=hashed)
    world.session.add(second)
    for account in world.accounts.values():
        account.password_hash = hashed
    return world


def _complete(desk: Desk, case: int, login: str, step: str, way: str = "") -> None:
    """Somebody's step, on the page of the case."""
    desk.sign_in(login)
    desk.page.goto(f"/cases/{case}")
    expect(desk.page.locator(".task h2").first).to_contain_text(step)
    desk.decide(way)


def _open_editor(page: Page, key: str) -> None:
    page.goto("/change")
    page.locator(f"button[value={key}]").click()
    expect(page.locator("[data-editor][data-ready]")).to_be_visible()


def _select(page: Page, element: str) -> None:
    page.locator(f".djs-element[data-element-id={element}] .djs-hit").first.dispatch_event("click")


def _set(page: Page, label: str, value: str) -> None:
    field = page.locator("[data-panel]").get_by_label(label, exact=True)
    field.fill(value)
    field.blur()


def _choose(page: Page, label: str, value: str) -> None:
    page.locator("[data-panel]").get_by_label(label, exact=True).select_option(value)


def _drop_on_flow(page: Page, kind: str, flow: str) -> None:
    """With the whole diagram in sight, take something from the palette and drop it on the middle of a flow."""
    page.get_by_role("button", name="全图").click()
    page.locator(f".djs-palette .entry[data-action='create.{kind}']").click()
    box = page.locator(f".djs-connection[data-element-id={flow}] .djs-visual > path").first.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 4, middle[1] - 2)
    page.mouse.move(*middle, steps=3)
    page.mouse.click(*middle)


def _ask_for_publication(page: Page) -> None:
    expect(page.locator("[data-saving][data-state=saved]")).to_be_visible()
    page.get_by_role("button", name="提交发布").click()
    page.get_by_label("依据").fill("示科发〔2024〕2号")
    page.get_by_label("修改说明").fill("拨付凭证加一道复核")
    page.get_by_role("button", name="提交，请另一位管理员批准").click()


def _propose(page: Page) -> None:
    expect(page.locator(".findings[data-state=clean]")).to_be_visible()
    _ask_for_publication(page)
    expect(page.get_by_role("button", name="批准", exact=True)).to_be_disabled()
    expect(page.locator("[data-pair] [data-ready]")).to_have_count(2)
    expect(page.locator(".djs-shape.is-added[data-element-id=check_voucher]")).to_be_visible()


def _approve_and_migrate(page: Page) -> None:
    page.goto("/change/proposals")
    page.get_by_role("link", name="发布流程").click()
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.locator(".message[role=status]")).to_contain_text("已批准")
    page.locator("li", has_text="后补助项目").get_by_role("link", name="迁移在办项目").click()
    expect(page.get_by_role("row", name="批准拨付").last).to_contain_text("可以")
    page.get_by_label("迁移理由").fill("在办项目也要复核")
    page.get_by_role("button", name="迁移所选项目").click()
    expect(page.locator("#batch")).to_contain_text("已迁移 1")
