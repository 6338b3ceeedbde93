"""Tests kept with a procedure: written on a form, run on the version in force or on a draft."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.bpmn.model import ProcessModel
from engine.change import drafts, tests
from engine.errors import KeguanError, NotFound, Unusable
from engine.procedures import versions
from web.access import allow
from web.auth import me
from web.change.room import admins, blueprint
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _


@blueprint.get("/tests/<key>")
@allow(admins)
def test_list(key: str) -> ResponseReturnValue:
    """The tests of a procedure with how they go now, or on the draft the address names."""
    return _page(key)


@blueprint.post("/tests/<key>")
@allow(admins)
def save_test(key: str) -> ResponseReturnValue:
    """Keep a test; one of the same name is replaced."""
    given = request.form
    try:
        kept = tests.save_test(
            session(),
            key=key,
            name=given.get("name", "").strip(),
            direction_code=given.get("direction_code", "").strip(),
            facts=facts_from(given.get("facts", "")),
            decisions=words_from(given.get("decisions", "")),
            actions=words_from(given.get("actions", "")),
            expected_outcome=given.get("expected_outcome", "").strip(),
            expected_yuan=_yuan(given.get("expected_yuan", "")),
            actor=me(),
            now=now(),
        )
    except KeguanError as refusal:
        return _page(key, refusal.reasons), status_of(refusal)
    flash(_("测试“%(name)s”已保存；以后每次发布都会运行。", name=kept.name))
    return redirect(url_for("change.test_list", key=key, draft=request.args.get("draft")))


@blueprint.post("/tests/<key>/<int:number>/delete")
@allow(admins)
def delete_test(key: str, number: int) -> ResponseReturnValue:
    """Take a test away."""
    tests.delete_test(session(), number, actor=me(), now=now())
    flash(_("测试已删除。"))
    return redirect(url_for("change.test_list", key=key, draft=request.args.get("draft")))


def _page(key: str, problems: list[str] | None = None) -> str:
    draft = request.args.get("draft", type=int)
    files = drafts.live_files(session(), now())
    if draft is not None:
        files |= drafts.files_of(drafts.get_draft(session(), draft))
    elif key not in versions.keys(session()):
        raise NotFound(_("没有名为“%(key)s”的流程；请从变更页面进入。", key=key))
    kept = tests.tests_of(session(), key)
    processes = versions.assemble(versions.closure(files, key), key).processes
    return render_template(
        "change/tests.html",
        key=key,
        draft=draft,
        title=processes[key].name,
        steps={one.name: decided_in(one) for one in processes.values()},
        kept=[(test, tests.run_test(session(), test, files, now())) for test in kept],
        problems=problems,
    )


def decided_in(process: ProcessModel) -> list[tuple[str, str, str]]:
    """The steps a test may decide: id, name and what they may end with; a time limit ends with `timer`."""
    return [
        (one.id, one.name, "timer" if limit else one.properties["outcomes"])
        for one in process.elements.values()
        if (limit := one.event is not None and one.event.kind == "timer") or one.properties.get("outcomes")
    ]


def words_from(text: str) -> dict[str, list[str]]:
    """Lines of `step: outcome, outcome` as decisions in order."""
    found = {}
    for line in filter(str.strip, text.replace("：", ":").replace("，", ",").splitlines()):
        step, colon, words = line.partition(":")
        outcomes = [word.strip() for word in words.split(",") if word.strip()]
        if not colon or not step.strip() or not outcomes:
            raise Unusable(_("“%(line)s”写法不对；请每行写一个步骤，如 intake: correct, accept。", line=line))
        found[step.strip()] = outcomes
    return found


def facts_from(text: str) -> dict[str, object]:
    """Lines of `fact = value`: numbers as they are written."""
    found: dict[str, object] = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, value = line.replace("＝", "=").partition("=")
        if not equals or not value.strip():
            raise Unusable(_("“%(line)s”写法不对；请每行写一项，如 requested = 300000。", line=line))
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> object:
    return int(text) if text.isdecimal() else text


def _yuan(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise Unusable(_("应拨金额请写整数元，或留空表示不核对金额。"))
    return int(text)
