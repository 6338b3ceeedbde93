"""`keguan bpmn check`: JSON findings, and an exit code a script can rely on."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.errors import Unusable
from tests.engine.bpmn.worlds import call, diagram, line, properties, service, timer, user
from web.commands.bpmn import bpmn
from web.commands.diagrams import WORKFLOWS


def run(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner().invoke(bpmn, ["check", *arguments])


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Write a diagram and return its path."""

    def written(name: str, source: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(source)
        return str(path)

    return written


def test_the_shipped_diagrams_may_be_published() -> None:
    """Exit 0 and an empty list."""
    result = run(*(str(file) for file in sorted(WORKFLOWS.glob("*.bpmn"))))
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_a_finding_is_an_object_with_six_fields(write) -> None:  # type: ignore[no-untyped-def]
    """Exit 1, and where, what, why and what to do."""
    path = write("case.bpmn", diagram(*line('<scriptTask id="x"/>')))
    result = run(path)
    (finding,) = json.loads(result.stdout)
    assert (result.exit_code, list(finding)) == (1, ["file", "element", "line", "rule", "message", "fix"])
    assert (finding["file"], finding["element"], finding["rule"]) == (path, "x", "script-task")


def test_a_file_that_is_no_xml_is_a_finding(write) -> None:  # type: ignore[no-untyped-def]
    """Not a crash and not a usage error."""
    result = run(write("case.bpmn", b"\x00\x01"))
    assert (result.exit_code, json.loads(result.stdout)[0]["rule"]) == (1, "encoding")


def test_a_missing_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    """The command line turns Unusable into exit 2."""
    result = run(str(tmp_path / "none.bpmn"))
    assert (type(result.exception), result.stdout) == (Unusable, "")


@pytest.mark.parametrize(
    ("node", "rule"),
    [
        (service("x", "launch_rocket"), "unknown-action"),
        (user("x", properties(form="horoscope")), "unknown-form"),
        (user("x", properties(limit="limit_of_patience")), "unknown-limit"),
        (
            f'<intermediateCatchEvent id="x">{timer("limit_of_patience")}</intermediateCatchEvent>',
            "unknown-limit",
        ),
    ],
)
def test_names_are_those_the_product_has_registered(write, node: str, rule: str) -> None:  # type: ignore[no-untyped-def]
    """An action, a form or a limit nobody knows stops the publication."""
    result = run(write("case.bpmn", diagram(*line(node))))
    assert [finding["rule"] for finding in json.loads(result.stdout)] == [rule]


def test_calls_resolve_among_the_files_then_the_shipped_ones(write) -> None:  # type: ignore[no-untyped-def]
    """A shipped part may be called without being named."""
    alone = write("case.bpmn", diagram(*line(call("run", "formal_check"), call("more", "part"))))
    part = write("part.bpmn", diagram(*line(user("inner")), key="part"))
    assert [finding["rule"] for finding in json.loads(run(alone).stdout)] == ["unknown-process"]
    assert run(alone, part).exit_code == 0
