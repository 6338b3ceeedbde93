"""Saved views: one's own, replaced by name, shared inside the bureau, deleted by their owner."""

from engine.records.views import delete_view, save_view, views_for
from tests.worlds import Bureau, refusal


def test_a_view_is_its_owners_until_shared(world: Bureau) -> None:
    """Saved again under its name it is replaced; shared, colleagues see it with its owner's name."""
    session, intake, finance = world.session, world.accounts["intake"], world.accounts["finance"]
    save_view(session, intake, "inbox", "逾期", "scope=all&due=overdue", shared=False, now=world.now)
    hidden = list(views_for(session, finance, "inbox"))
    save_view(session, intake, "inbox", " 逾期 ", "due=overdue", shared=True, now=world.now)
    seen = [(view.name, view.query, owner) for view, owner in views_for(session, finance, "inbox")]
    outside = list(views_for(session, world.accounts["applicant"], "inbox"))
    assert (hidden, seen, outside) == ([], [("逾期", "due=overdue", "示例受理员")], [])


def test_what_cannot_be_kept_is_said(world: Bureau) -> None:
    """A name is needed; units share nothing; nobody deletes another's."""
    session, now, applicant = world.session, world.now, world.accounts["applicant"]
    view = save_view(
        session, world.accounts["intake"], "cases", "在研", "status=active", shared=True, now=now
    )
    assert [
        refusal(lambda: save_view(session, applicant, "inbox", " ", "", shared=False, now=now)),
        refusal(lambda: save_view(session, applicant, "inbox", "我的", "", shared=True, now=now)),
        refusal(lambda: delete_view(session, world.accounts["finance"], view.id or 0)),
        refusal(lambda: delete_view(session, world.accounts["finance"], 999)),
    ] == [
        "视图名称应为 1 至 40 个字。",
        "只有局内人员可以共享视图。",
        "只能删除自己保存的视图。",
        "没有这个视图；它可能已被删除。",
    ]
