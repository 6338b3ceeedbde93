"""`keguan bpmn prove`: what holds of a procedure whatever happens, and a way to where it does not."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from engine.bpmn.proof import MAX_STATES, Proof, Property, Verdict
from engine.bpmn.proof import prove as prove_files
from web.commands.diagrams import named_diagrams, shipped_diagrams

HOLDS, FAILS, STOPPED = 0, 1, 2
_MARKS = {True: "成立", False: "不成立", None: "未定"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def prove(files: tuple[Path, ...], as_json: bool) -> None:
    """Prove properties of procedures, or print a shortest walk to where one breaks.

    Exit 0 when all hold, 1 when one fails, 2 when the search had to stop before it was certain, or a file cannot
    be used. With --json every verdict has file, property, holds (true, false, null) and walk: the ids of the
    elements passed, those of a called diagram after its call activity and a slash (disbursement/record). For
    dead tasks, which no walk reaches, it lists the tasks. Called diagrams are looked up among FILE... first,
    then among the shipped ones.
    """
    proofs = prove_files(named_diagrams(files), shipped_diagrams())
    verdicts = [verdict for proof in proofs for verdict in proof.verdicts]
    report = _json(verdicts) if as_json else "\n\n".join(_text(proof) for proof in proofs)
    # bytes, so that the report is UTF-8 whatever the terminal's encoding
    click.echo(report.encode())
    if None in {verdict.holds for verdict in verdicts}:
        message = (
            f"keguan: 状态太多，每个流程看了 {MAX_STATES} 个左右后停止；"
            "“未定”（null）的性质既没有证明，也没有找到反例。请减少同时进行的分支。"
        )
        click.echo(message.encode(), err=True)
    sys.exit(_code(verdicts))


def _code(verdicts: Sequence[Verdict]) -> int:
    """A counter-example is certain whatever else was not looked at, so it counts before the bound."""
    found = {verdict.holds for verdict in verdicts}
    return FAILS if False in found else STOPPED if None in found else HOLDS


def _json(verdicts: Sequence[Verdict]) -> str:
    return json.dumps([asdict(verdict) for verdict in verdicts], ensure_ascii=False, indent=2)


def _text(proof: Proof) -> str:
    lines = [f"{proof.file}（{proof.process}，看了 {proof.states} 个状态）"]
    for verdict in proof.verdicts:
        lines.append(f"  {_MARKS[verdict.holds]}  {Property.of(verdict.property).zh}")
        if verdict.walk:
            lines.append(f"    {' → '.join(verdict.walk)}")
    return "\n".join(lines)
