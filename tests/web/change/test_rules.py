"""Rules edited as data: what they would do to live cases, the proposal, and the second administrator."""

from tests.walks import file_application
from tests.web.change.conftest import Office

GROUND = {"clause": "示科发〔2024〕3号", "note": "提高补助比例", "effective_from": "2024-04-01"}


def test_a_higher_rate_is_tried_out_before_it_is_proposed(office: Office) -> None:
    """The page says which live case would change, and the proposal holds old and new."""
    file_application(office.world, "T3-D1-S1")
    office.world.session.commit()
    admin = office.sign_in("admin")
    address = "/change/rules/directions/T3-D1-S1"

    tried = admin.get(f"{address}?rule.rate=0.25").text
    proposed = admin.post(address, data=GROUND | {"rule.rate": "0.25"})

    assert "在办 1 件，其中" in tried
    shown = admin.get(proposed.location).text
    assert "提高补助比例" in shown
    assert "0.25" in shown


def test_a_rubric_must_weigh_a_hundred(office: Office) -> None:
    """Weights that do not sum to 100 come back with the sentence."""
    admin = office.sign_in("admin")
    columns = {"key": ["a", "b"], "title": ["甲", "乙"], "title_en": ["A", "B"], "weight": ["60", "30"]}
    dimensions = {f"dimension.{name}": values for name, values in columns.items()}

    answer = admin.post("/change/rules/rubric_rd", data=GROUND | dimensions)

    assert (answer.status_code, "现合计 90" in answer.text) == (400, True)


def test_a_policy_takes_effect_once_the_second_administrator_approves(office: Office) -> None:
    """Its page shows the new version to come, with its clause."""
    admin, second = office.sign_in("admin"), office.sign_in("admin2")

    proposal = admin.post("/change/rules/limit_intake", data=GROUND | {"value": "7"}).location
    second.post(f"{proposal}/approve")

    page = admin.get("/change/rules/limit_intake").text
    assert "示科发〔2024〕3号" in page
    assert "待生效" in page


def test_a_day_off_is_previewed_with_the_due_days_it_moves(office: Office) -> None:
    """The open step's due day moves; nothing is written by looking."""
    file_application(office.world, "T3-D1-S1")
    office.world.session.commit()
    admin = office.sign_in("admin")

    page = admin.get("/change/calendar?day=2024-03-13&state=off").text

    assert "形式审查" in page
    assert admin.get("/change/proposals").text.count("待批准") == 0


def test_every_page_of_change_opens(office: Office) -> None:
    """Empty or not, each says what it is for."""
    file_application(office.world, "T3-D1-S1")
    office.world.session.commit()
    admin = office.sign_in("admin")
    paths = [
        *("", "/proposals", "/migrations", "/rules", "/rules/rubric_rd", "/calendar"),
        *(
            "/procedures/post_subsidy",
            "/tests/post_subsidy",
            "/heat/post_subsidy",
            "/log.xes",
            "/log.jsonocel",
        ),
    ]

    assert {path: admin.get(f"/change{path}").status_code for path in paths} == dict.fromkeys(paths, 200)


def test_a_stored_test_is_run_where_it_is_written(office: Office) -> None:
    """One that expects the wrong outcome says what came instead."""
    admin = office.sign_in("admin")
    given = {"name": "不予受理", "decisions": "intake: refuse", "expected_outcome": "paid"}

    admin.post("/change/tests/post_subsidy", data=given)

    assert "结果应为 paid" in admin.get("/change/tests/post_subsidy").text


def test_what_came_with_the_software_says_so(office: Office) -> None:
    """In words, in the reader's language, and not as the login of nobody."""
    admin = office.sign_in("admin")
    assert "随软件提供" in admin.get("/procedures").text
    assert "随软件提供" in admin.get("/change/procedures/post_subsidy").text
