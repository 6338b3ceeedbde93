"""`keguan bpmn prove`: what it prints and the exit codes a script can rely on."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.errors import Unusable
from tests.engine.bpmn.worlds import call, diagram, flows, line, properties, service, user
from web.commands.bpmn import bpmn
from web.commands.diagrams import WORKFLOWS

DONE = '<endEvent id="done">' + properties(outcome="done") + "</endEvent>"


def run(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner().invoke(bpmn, ["prove", *arguments])


def verdicts(*arguments: str) -> dict[tuple[str, str], tuple[bool | None, list[str]]]:
    """What was printed, by file name and property."""
    found = json.loads(run(*arguments, "--json").stdout)
    assert all(list(one) == ["file", "property", "holds", "walk"] for one in found)
    return {(Path(one["file"]).name, one["property"]): (one["holds"], one["walk"]) for one in found}


def named(source: bytes) -> bytes:
    """The diagram with an outcome at its end."""
    return source.replace(b'<endEvent id="done"/>', DONE.encode())


def test_the_shipped_procedures_are_proved() -> None:
    """Exit 0, and every verdict true without a walk."""
    files = [str(file) for file in sorted(WORKFLOWS.glob("*.bpmn"))]
    assert run(*files).exit_code == 0
    found = verdicts(*files)
    assert set(map(str, found.values())) == {"(True, [])"}
    assert ("post_subsidy.bpmn", "no_payment_before_acceptance") in found


def test_paying_before_acceptance_is_refused_with_its_walk(tmp_path: Path) -> None:
    """Exit 1; the walk ends at the payment."""
    file = tmp_path / "planted.bpmn"
    file.write_bytes(
        named(diagram(*line(service("pay", "record_payment"), call("acceptance", "acceptance"))))
    )
    assert run(str(file)).exit_code == 1
    assert verdicts(str(file))["planted.bpmn", "no_payment_before_acceptance"] == (False, ["begin", "pay"])
    assert "begin → pay" in run(str(file)).stdout


def test_files_named_together_call_each_other(tmp_path: Path) -> None:
    """A given part stands before the shipped one; its steps carry the call activity."""
    part, whole = tmp_path / "part.bpmn", tmp_path / "whole.bpmn"
    part.write_bytes(named(diagram(*line(user("look")), key="acceptance")))
    whole.write_bytes(named(diagram(*line(call("judge", "acceptance")))))
    found = verdicts(str(whole), str(part))
    walk = ["begin", "judge", "judge/begin", "judge/look"]
    assert found["whole.bpmn", "every_human_task_has_lane_and_limit"] == (False, walk)
    assert found["part.bpmn", "every_human_task_has_lane_and_limit"] == (False, ["begin", "look"])


def test_a_bound_that_stopped_it_is_said(tmp_path: Path) -> None:
    """Exit 2, null in the JSON, and a sentence beside it."""
    file = tmp_path / "many.bpmn"
    people = [user(f"u{number}", properties(limit="5", outcomes="a,b")) for number in range(15)]
    gates = [f'<exclusiveGateway id="x{number}" default="f_x{number}_j"/>' for number in range(15)]
    ways = [f"s-u{number}-x{number}-j" for number in range(15)]
    again = [f'x{number}-u{number} u{number}_outcome == "a"' for number in range(15)]
    split = '<startEvent id="begin"/><parallelGateway id="s"/><parallelGateway id="j"/>'
    file.write_bytes(diagram(split, DONE, *people, *gates, flows("begin-s", "j-done", *ways, *again)))
    result = run(str(file), "--json")
    assert result.exit_code == 2
    assert {one["holds"] for one in json.loads(result.stdout)} == {True, None}
    assert "状态太多" in result.stderr


def test_what_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    """A missing file, and one that is no diagram: Unusable, which the command line turns into exit 2."""
    file = tmp_path / "no.bpmn"
    file.write_text("<x/>")
    for path in (file, tmp_path / "missing.bpmn"):
        with pytest.raises(Unusable):
            CliRunner().invoke(bpmn, ["prove", str(path)], catch_exceptions=False)
