"""`keguan assign`: exit codes, files written, the verifier's word on what was written."""

import json
from ctypes import CDLL
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from web.commands.assign import alone_on_stdout, assign


def run(*words: object) -> Result:
    """One call of the command group."""
    return CliRunner().invoke(assign, [str(word) for word in words])


def write(path: Path, **changes: object) -> Path:
    """A small .npz instance, some arrays changed or (None) left out."""
    rng = np.random.default_rng(2)
    arrays = {
        "sim": rng.random((5, 6), dtype=np.float32),
        "mask": np.eye(5, 6, dtype=np.int8),
        "load": np.full(6, 3),
        "demand": np.full(5, 2),
    } | changes
    np.savez(path, **{key: np.asarray(value) for key, value in arrays.items() if value is not None})
    return path


@pytest.mark.parametrize(
    "extra", [["--objective", "fair"], ["--objective", "total"], ["--objective", "leximin"], ["--q", "0.6"]]
)
def test_what_is_solved_is_verified(tmp_path: Path, extra: list[str]) -> None:
    """Solve prints and writes the same JSON; verify finds nothing wrong."""
    source, out = write(tmp_path / "i.npz"), tmp_path / "r.json"
    solved = run("solve", source, *extra, "--out", out)
    assert (solved.exit_code, json.loads(solved.output)) == (0, json.loads(out.read_text()))
    assert run("verify", source, out).exit_code == 0


def test_standard_output_is_the_result_alone(capfd: pytest.CaptureFixture[str]) -> None:
    """What a library writes there by itself while it solves is not seen."""
    with alone_on_stdout():
        CDLL(None).puts(b"a line of the solver's own")
    assert capfd.readouterr().out == ""


def test_unfillable_demand_exits_1_and_still_writes(tmp_path: Path) -> None:
    """The best partial assignment, what is short, what would help."""
    source, out = write(tmp_path / "i.npz", load=np.full(6, 1)), tmp_path / "r.json"
    assert run("solve", source, "--out", out).exit_code == 1
    written = json.loads(out.read_text())
    assert (written["status"], len(written["pairs"])) == ("infeasible", 6)
    assert written["shortages"]
    assert written["relaxations"]
    assert run("verify", source, out).exit_code == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"demand": None},
        {"load": np.full(5, 1)},
        {"load": np.full(6, -1)},
        {"sim": np.full((5, 6), np.nan)},
        {"mask": np.zeros((6, 5))},
        {"sim": np.array([[None]])},
        {"demand": np.full(5, 1.5)},
    ],
)
def test_unusable_files_exit_2_with_one_sentence(tmp_path: Path, changes: dict[str, object]) -> None:
    """Missing, misshapen, negative, not finite, pickled."""
    result = run("solve", write(tmp_path / "i.npz", **changes), "--out", tmp_path / "r.json")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    ("pairs", "word"),
    [
        ([[0, 0]], "conflict"),
        ([[0, 1]], "needs"),
        ([[0, 1], [0, 1]], "stands"),
        ([[9, 9]], "not in the instance"),
    ],
)
def test_the_verifier_sees_what_is_wrong(tmp_path: Path, pairs: list[list[int]], word: str) -> None:
    """Hand-made pairs are enough to check."""
    source, out = write(tmp_path / "i.npz"), tmp_path / "r.json"
    out.write_text(json.dumps({"pairs": pairs}))
    result = run("verify", source, out)
    assert (result.exit_code, word in result.output) == (1, True)


def test_repair_and_explain_read_what_solve_wrote(tmp_path: Path) -> None:
    """A dropped pair is replaced, and the paper's seats are explained."""
    source, out, new = write(tmp_path / "i.npz"), tmp_path / "r.json", tmp_path / "n.json"
    run("solve", source, "--out", out)
    p, r = json.loads(out.read_text())["pairs"][0]
    assert run("repair", source, out, "--drop", f"{p},{r}", "--out", new).exit_code == 0
    assert [p, r] not in json.loads(new.read_text())["pairs"]
    assert run("verify", source, new).exit_code == 0
    assert len(json.loads(run("explain", source, new, "--paper", p).output)["seats"]) == 2


def test_panels_of_a_group_are_seated_and_verified(tmp_path: Path) -> None:
    """Six applications in two panels of three; an abstention costs that application only."""
    instance = {
        "applications": [
            {"id": f"a{i}", "seats": 3, "group": "g", "domains": [f"{110 + 10 * (i % 2)}"]} for i in range(6)
        ],
        "experts": [{"id": f"e{j}", "cap": 1, "units": [f"u{j}"]} for j in range(8)],
        "scores": {"dense": np.random.default_rng(4).random((6, 8)).tolist()},
        "conflicts": [
            {
                "application": "a0",
                "expert": "e0",
                "rule": "rule 8",
                "evidence": "own unit",
                "force": "abstain",
            },
            {"application": "a1", "expert": "e1", "rule": "rule 1", "evidence": "same unit"},
        ],
        "policy": {"mode": "panel", "panel_sizes": [2, 3], "unit_cap": 1},
    }
    source, out = tmp_path / "i.json", tmp_path / "r.json"
    source.write_text(json.dumps(instance))
    assert run("solve", source, "--out", out).exit_code == 0
    panels = json.loads(out.read_text())["panels"]
    assert sorted(sorted(p["applications"]) for p in panels) == [["a0", "a2", "a4"], ["a1", "a3", "a5"]]
    assert not any("e1" in p["members"] for p in panels)
    verified = run("verify", source, out)
    assert (verified.exit_code, verified.output) == (0, verified.output)
    new, member = tmp_path / "n.json", panels[0]["members"][0]
    assert (
        run(
            "repair", source, out, "--drop", f"{panels[0]['applications'][0]},{member}", "--out", new
        ).exit_code
        == 0
    )
    assert member not in json.loads(new.read_text())["panels"][0]["members"]
    assert run("verify", source, new).exit_code == 0


def test_the_schema_is_a_schema() -> None:
    """It is printed, and it is itself valid."""
    Draft202012Validator.check_schema(json.loads(run("schema").output))
