"""Lists, bulk actions, views and figures at the web door: who may, what is refused, what stays as typed."""

import re

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from benchmarks.timing import counting
from engine.cases.models import WorkItem
from engine.people.models import Account
from engine.reviewing import rounds
from tests.walks import accept, file_and_establish, file_application, pass_formal_check, sign_task_book
from tests.web.test_cases import Town, template, town
from tests.worlds import MARCH, Bureau

__all__ = ["template", "town"]
DIRECTION = "T3-D1-S1"


def arrived(world: Bureau, count: int) -> list[int]:
    """So many recommended applications; their intake steps."""
    for number in range(1, count + 1):
        case = world.open(DIRECTION)
        world.do("fill", "submit", case, title=f"示例项目 {number}", facts={"requested_yuan": "100000"})
        world.do("recommend", "recommend", case)
    world.session.commit()
    steps = world.session.exec(
        select(WorkItem.id).where(WorkItem.element == "intake").order_by(col(WorkItem.id))
    ).all()
    world.session.commit()
    return [step or 0 for step in steps]


def colleague(town: Town) -> Account:
    """A second intake officer."""
    other = Account(login="intake2", name="示例受理员乙", password_hash="-", roles=["intake"])
    town.world.session.add(other)
    town.world.session.commit()
    return other


def test_bulk_by_plain_posts_chosen_previewed_done_and_listed(town: Town) -> None:
    """Every page of it is a form; the preview changes nothing, the result stays at its own address."""
    steps = arrived(town.world, 3)
    intake = town.sign_in("intake")
    asked = intake.post("/inbox/bulk", data={"items": steps, "query": "scope=group"})
    batch = re.findall(r'name="batch" value="([^"]+)"', asked.text)
    sent = {"items": steps, "outcome": "accept", "comment": "齐全", "query": "scope=group"}

    seen = intake.post("/inbox/bulk", data=sent | {"batch": batch})
    before = town.open_steps()
    done = intake.post("/inbox/bulk/run", data=sent)
    result = intake.get(done.location)

    assert (len(batch), before, town.open_steps()) == (1, ["intake"] * 3, ["check"] * 3)
    assert "可以办理 3 件，不能办理 0 件" in seen.text
    assert "成功 3 件，未成功 0 件" in result.text
    assert 'href="/inbox?scope=group"' in result.text
    assert town.sign_in("finance").get(done.location).status_code == 403
    assert town.sign_in("supervision").get(done.location).status_code == 200


def test_a_bulk_action_without_a_decision_keeps_what_was_typed(town: Town) -> None:
    """It asks for the decision; the comment is still there. Nothing chosen is said in words."""
    steps = arrived(town.world, 2)
    intake = town.sign_in("intake")
    batch = re.findall(
        r'name="batch" value="([^"]+)"', intake.post("/inbox/bulk", data={"items": steps}).text
    )

    again = intake.post("/inbox/bulk", data={"items": steps, "batch": batch, "comment": "材料齐全"})
    nothing = intake.post("/inbox/bulk", data={})
    undecided = intake.post("/inbox/bulk/run", data={"items": steps})

    assert "请先选择办理结果。" in again.text
    assert ">材料齐全</textarea>" in again.text
    assert [nothing.status_code, undecided.status_code] == [400, 400]
    assert "请先在列表中选中要办理的待办。" in nothing.text
    assert town.open_steps() == ["intake"] * 2


def test_all_that_the_filters_let_through_are_chosen(town: Town) -> None:
    """Not the page's rows but the whole list under its filters."""
    arrived(town.world, 3)
    data = {"everything": "1", "query": "scope=group&text=项目 2"}

    page = town.sign_in("intake").post("/inbox/bulk", data=data).text

    assert len(re.findall(r'name="items"', page)) == 1


def test_supervision_s_preview_says_why_not_of_each(town: Town) -> None:
    """Supervision may look at the preview; nothing can be confirmed and nothing is done."""
    steps = arrived(town.world, 2)
    watcher = town.sign_in("supervision")
    sent = {"items": steps, "outcome": "accept"}
    batch = re.findall(r'name="batch" value="([^"]+)"', watcher.post("/inbox/bulk", data=sent).text)

    seen = watcher.post("/inbox/bulk", data=sent | {"batch": batch}).text
    watcher.post("/inbox/bulk/run", data=sent)

    assert seen.count("纪检账号只能查看，不能办理。") == 2
    assert town.open_steps() == ["intake"] * 2


def test_a_step_is_handed_on_from_the_inbox_and_from_the_case(town: Town) -> None:
    """The same form on both pages, back to where it was sent from; the list shows the new holder."""
    step, other = arrived(town.world, 1)[0], colleague(town)
    number, other_id = 1, other.id
    town.world.session.commit()
    intake = town.sign_in("intake")
    pages = [intake.get(path).text for path in (f"/inbox?scope=group&item={step}", f"/cases/{number}")]

    form = {"to": str(other_id), "reason": "休假", "next": f"/cases/{number}"}
    sent = intake.post(f"/inbox/{step}/reassign", data=form)

    assert [page.count(f'action="/inbox/{step}/reassign"') for page in pages] == [1, 1]
    assert (sent.status_code, sent.location) == (302, f"/cases/{number}")
    assert "示例受理员乙" in intake.get("/inbox?scope=all").text
    assert f'action="/inbox/{step}/reassign"' not in town.sign_in("finance").get(f"/cases/{number}").text


def test_done_in_the_inbox_the_next_of_the_list_opens(town: Town) -> None:
    """With its filters kept; the form says so itself, so it needs no script."""
    steps = arrived(town.world, 2)
    intake = town.sign_in("intake")
    page = intake.get(f"/inbox?scope=group&sort=oldest&item={steps[0]}").text
    form = page.partition(f'id="form-{steps[0]}"')[2]
    onward = re.findall(r'name="next" value="([^"]+)"', form)[0].replace("&amp;", "&")

    done = intake.post(f"/tasks/{steps[0]}", data={"outcome": "accept", "next": onward})

    assert done.location == f"/inbox?scope=group&sort=oldest&item={steps[1]}"


def test_a_refused_form_leads_back_to_the_list_it_came_from(town: Town) -> None:
    """With its filters; what was sent from elsewhere does not."""
    step = arrived(town.world, 1)[0]
    intake = town.sign_in("intake")

    def back(sent: str) -> list[str]:
        answer = intake.post(f"/tasks/{step}", data={"outcome": "", "back": sent})
        assert answer.status_code == 400
        return re.findall(r'<a href="([^"]+)" data-back>', answer.text)

    assert back("/inbox?scope=group&sort=oldest") == ["/inbox?scope=group&amp;sort=oldest"]
    assert back("/cases/1") == back("//elsewhere.example/inbox") == []


def test_finance_reads_in_the_inbox_what_is_to_be_paid_and_why(town: Town) -> None:
    """The amount with its derivation stands under the form that asks for the voucher."""
    file_and_establish(town.world, DIRECTION, requested_yuan="200000")
    sign_task_book(town.world)
    town.world.do("report", "finish")
    accept(town.world, verified_self_raised="1000000")
    for step, way in (("review_payment", "agree"), ("budget", "arrange"), ("approve_payment", "approve")):
        town.world.do(step, way)
    step = town.world.item("pay").id
    town.world.session.commit()

    page = town.sign_in("finance").get(f"/inbox?scope=group&item={step}").text.partition('id="detail"')[2]

    assert re.findall(r"<h3>核定应拨 .*¥([\d,.]+)<", page) == ["100,000.00"]
    assert 'class="derivation small"' in page


def test_one_begins_where_there_is_something(town: Town) -> None:
    """Officers with their group's steps when their own hands are empty; supervision, which has no own, with all."""
    arrived(town.world, 1)
    begin = {who: town.sign_in(who).get("/inbox").location for who in ("intake", "supervision", "finance")}

    assert begin == {"intake": "/inbox?scope=group", "supervision": "/inbox?scope=all", "finance": None}


def test_handing_on_without_a_reason_or_colleague_keeps_what_was_typed(town: Town) -> None:
    """The form comes back with the sentence and the other half of what was entered."""
    step, other = arrived(town.world, 1)[0], colleague(town)
    other_id = other.id
    town.world.session.commit()
    intake = town.sign_in("intake")

    no_reason = intake.post(f"/inbox/{step}/reassign", data={"to": str(other_id), "reason": " "})
    nobody = intake.post(f"/inbox/{step}/reassign", data={"to": "", "reason": "休假"})
    refused = town.sign_in("finance").post(
        f"/inbox/{step}/reassign", data={"to": str(other_id), "reason": "休假"}
    )

    assert [no_reason.status_code, nobody.status_code, refused.status_code] == [409, 400, 403]
    assert f'<option value="{other_id}" selected>' in no_reason.text
    assert "转办请写明理由。" in no_reason.text
    assert 'value="休假"' in nobody.text
    assert "转办请选择同事。" in nobody.text


def test_a_view_is_saved_opened_shared_and_deleted_by_plain_posts(town: Town) -> None:
    """Shared, a colleague opens it; unshared not; only its owner deletes it; outside nobody shares."""
    intake, finance, applicant = (town.sign_in(login) for login in ("intake", "finance", "applicant"))
    view = {"list": "inbox", "name": "逾期", "query": "scope=all&due=overdue"}

    saved = intake.post("/views", data=view)
    alone = [intake.get("/views/1").location, finance.get("/views/1").status_code]
    intake.post("/views", data=view | {"shared": "1"})
    shared = finance.get("/views/1").location
    statuses = [
        intake.post("/views", data=view | {"name": " "}).status_code,
        intake.post("/views", data=view | {"list": "nothing"}).status_code,
        applicant.post("/views", data=view | {"shared": "1"}).status_code,
        applicant.get("/views/1").status_code,
        finance.post("/views/1/delete").status_code,
        intake.post("/views/1/delete").status_code,
        intake.get("/views/1").status_code,
    ]

    assert saved.location == shared == alone[0] == "/inbox?scope=all&due=overdue"
    assert [alone[1], *statuses] == [403, 400, 400, 409, 403, 403, 302, 404]


def test_the_list_of_cases_shows_each_their_own(town: Town) -> None:
    """Officers all, the unit its own, an expert none; filters that cannot be are said in words."""
    arrived(town.world, 2)
    shown = {login: _total(town.sign_in(login), "/cases") for login in ("finance", "applicant", "expert1")}
    intake = town.sign_in("intake")
    wrong = ("year=99", "stage=x", "sort=x", "from=-1", "after=x~y")

    assert shown == {"finance": "2", "applicant": "2", "expert1": "0"}
    assert _total(intake, "/cases?text=项目 2&status=submitted") == "1"
    assert "请放宽筛选条件" in intake.get("/cases?year=2020").text
    assert [intake.get(f"/cases?{query}").status_code for query in wrong] == [400] * len(wrong)


def _total(client: FlaskClient, path: str) -> str:
    return str(re.findall(r"data-total>([\d,+]+)<", client.get(path).text)[0])


def test_the_list_of_cases_asks_the_same_for_one_row_and_for_twelve(town: Town) -> None:
    """The number of statements does not depend on the rows, nor does the inbox's or the figures'."""
    intake, paths = town.sign_in("intake"), ("/cases", "/cases?text=示例", "/inbox?scope=all", "/dashboards")

    def asked() -> list[int]:
        return [_statements(town.engine, intake, path) for path in paths]

    arrived(town.world, 1)
    asked()
    one = asked()
    arrived(town.world, 11)

    assert asked() == one


def _statements(engine: Engine, client: FlaskClient, path: str) -> int:
    with counting(engine) as words:
        assert client.get(path).status_code == 200
    return words.total()


def test_dashboards_are_the_bureau_s(town: Town) -> None:
    """Officers and supervision read them; units and experts are told why not; every figure is a link."""
    arrived(town.world, 2)
    statuses = {
        login: town.sign_in(login).get("/dashboards").status_code
        for login in ("intake", "supervision", "applicant", "recommender", "expert1")
    }
    intake = town.sign_in("intake")

    assert statuses == {
        "intake": 200,
        "supervision": 200,
        "applicant": 403,
        "recommender": 403,
        "expert1": 403,
    }
    assert [intake.get(f"/dashboards?{query}").status_code for query in ("by=county", "by=x", "year=x")] == [
        200,
        400,
        400,
    ]


def under_review(world: Bureau) -> None:
    """A panel seated by invitations, and scoring under way."""
    case = file_application(world, DIRECTION)
    pass_formal_check(world, case)
    rounds.open_round(world.session, DIRECTION, actor=world.accounts["programme"], now=MARCH)
    world.do("group", "confirm")
    world.seat_panel()
    world.session.commit()


def test_who_reviews_is_masked_in_list_filters_and_detail(town: Town) -> None:
    """The programme office sees that experts are at work, not which: not by name, choice, filter or step."""
    under_review(town.world)
    names = {f"示例专家{number}" for number in range(1, 8)}
    with Session(town.engine) as session:
        found = session.exec(select(WorkItem.id, WorkItem.holder_id).where(WorkItem.role == "expert")).all()
    paths = ["/inbox?scope=all", "/inbox?scope=all&role=expert"]
    paths += [f"/inbox?scope=all&holder={holder}" for _, holder in found]
    paths += [f"/inbox?scope=all&item={item}" for item, _ in found]
    programme = town.sign_in("programme")

    pages = [programme.get(path).text for path in paths]
    tasks = {programme.get(f"/tasks/{item}", follow_redirects=True).text for item, _ in found}
    by_holder = pages[2 : 2 + len(found)]

    assert {name for name in names if any(name in page for page in [*pages, *tasks])} == set()
    assert found
    assert all('class="what"' not in page for page in by_holder)
    assert "评审专家" in pages[1]
    assert names & set(re.findall(r"示例专家\d", town.sign_in("drawing").get(paths[0]).text)) != set()
