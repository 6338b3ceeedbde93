"""Rehearsing a draft on what the bureau has: past cases replayed, the live portfolio played on to its end."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.change import checking, drafts, replaying
from engine.change.models import ProcedureDraft
from engine.errors import Refused
from engine.people.roles import role_for_lane
from engine.procedures import versions
from engine.simulation import forecast
from web.access import allow
from web.change import plots
from web.change.room import admins, blueprint
from web.clock import now
from web.database import session
from web.language import role_name
from web.language import translate as _

MOST_RUNS = 20
"""Plays of each case: one is quick, twenty make the plots smooth."""


@blueprint.get("/drafts/<int:number>/replay")
@allow(admins)
def replayed(number: int) -> ResponseReturnValue:
    """Past cases' decisions run through the draft: which get stuck, go elsewhere or are paid differently."""
    draft = drafts.get_draft(session(), number)
    keys, key, files = _chosen(draft)
    found = replaying.replay(session(), files, key, now=now())
    return render_template("change/replay.html", draft=draft, keys=keys, key=key, cases=found)


@blueprint.get("/drafts/<int:number>/forecast")
@allow(admins)
def forecasted(number: int) -> ResponseReturnValue:
    """The live cases played on to their end through the version each runs and through the draft."""
    draft = drafts.get_draft(session(), number)
    keys, key, files = _chosen(draft)
    runs = min(max(request.args.get("runs", 1, type=int), 1), MOST_RUNS)
    found = forecast.forecast(session(), key, files, now=now(), runs=runs)
    old, new = found.old, found.new
    roles = sorted({*old.workload, *new.workload})
    return render_template(
        "change/forecast.html",
        draft=draft,
        keys=keys,
        key=key,
        found=found,
        runs=runs,
        cycle=plots.histogram(old.cycle_days, new.cycle_days, _("工作日")),
        waiting=plots.pairs(old.waiting, new.waiting),
        workload={
            role_name(role_for_lane(role)): plots.columns(
                old.months if len(old.months) >= len(new.months) else new.months,
                old.workload.get(role, ()),
                new.workload.get(role, ()),
            )
            for role in roles
        },
    )


def _chosen(draft: ProcedureDraft) -> tuple[list[str], str, dict[str, bytes]]:
    """The procedures the draft changes, the one asked for, and every file as the draft would have it."""
    files = drafts.files_of(draft)
    if checking.check_text(session(), files, now()):
        raise Refused(_("草稿还有检查问题；请先改正，再重演或预测。"))
    running = versions.keys(session())
    keys = [key for key in checking.affected_keys(session(), files, now()) if key in running]
    if not keys:
        raise Refused(_("草稿没有改变任何正在使用的流程；没有可以重演或预测的办件。"))
    wanted = request.args.get("key", "")
    key = wanted if wanted in keys else "post_subsidy" if "post_subsidy" in keys else keys[0]
    return keys, key, {**drafts.live_files(session(), now()), **files}
