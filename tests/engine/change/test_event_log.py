"""The history as an event log: what process-mining tools read, checked with one of them."""

import json
import subprocess
import sys
from pathlib import Path

from sqlmodel import Session

from engine.change import event_log
from tests.walks import accept, file_and_establish, file_application, pay, sign_task_book
from tests.worlds import Bureau

READ = """
import json, sys, warnings
warnings.simplefilter("ignore")
import pm4py
log = pm4py.read_xes(sys.argv[1])
ocel = pm4py.read_ocel2_json(sys.argv[2])
print(json.dumps({
    "events": len(log),
    "cases": sorted(set(log["case:concept:name"])),
    "activities": sorted(set(log["concept:name"])),
    "ocel_events": len(ocel.events),
    "ocel_types": sorted(set(ocel.objects["ocel:type"])),
    "payments": int((ocel.relations["ocel:type"] == "payment").sum()),
}))
"""
"""Run beside the tests: the library announces itself and warns on import."""


def two_cases(world: Bureau) -> None:
    """One paid, one at its formal check."""
    file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1234565")
    pay(world, "示凭证1号")
    file_application(world, "T3-D1-S1")


def test_another_tool_reads_both_formats(
    session: Session, world: Bureau, tmp_path: Path, dialect: str
) -> None:
    """As many events and cases as the history has, steps by their names, the payment as an object."""
    two_cases(world)
    session.flush()
    moves = list(event_log.events(session))
    (tmp_path / "log.xes").write_bytes(event_log.xes(session))
    (tmp_path / "log.json").write_bytes(event_log.ocel(session))
    if dialect == "postgresql":
        return  # the files are equal text; the reader takes seconds
    done = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / "log.xes", tmp_path / "log.json"],
        capture_output=True,
        text=True,
        check=True,
    )
    read = json.loads(done.stdout.splitlines()[-1])
    assert (read["events"], read["ocel_events"]) == (len(moves), len(moves) + 1)
    assert len(read["cases"]) == 2
    assert {"受理审核", "形式审查", "登记拨付"} <= set(read["activities"])
    assert read["ocel_types"] == ["case", "direction", "payment", "person", "unit"]
    assert read["payments"] == 1


def test_nothing_an_application_contains_is_exported(session: Session, world: Bureau) -> None:
    """Logins and steps, no names of leaders or units."""
    file_application(world, "T3-D1-S1")
    session.flush()
    for content in (event_log.xes(session), event_log.ocel(session)):
        assert "示例负责人" not in content.decode()
        assert "示例机械有限公司" not in content.decode()
