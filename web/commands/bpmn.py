"""`keguan bpmn`: may a diagram be published?"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from engine.bpmn import profile
from web.commands.diagrams import named_diagrams, shipped_diagrams
from web.commands.prove import prove

REFUSED = 1


@click.group()
def bpmn() -> None:
    """Check and prove procedure diagrams."""


@bpmn.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
def check(files: tuple[Path, ...]) -> None:
    """Print findings as JSON; exit 0 when publishable, 1 when not, 2 when a file cannot be opened.

    Each finding has file, element, line, rule, message and fix. Called diagrams and decisions are looked
    up among FILE... first, then among the shipped ones.
    """
    findings = findings_of(named_diagrams(files))
    report = json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)
    # bytes, so that the JSON is UTF-8 whatever the terminal's encoding
    click.echo(report.encode())
    if findings:
        sys.exit(REFUSED)


def findings_of(files: Mapping[str, bytes]) -> list[profile.Finding]:
    """Why these files may not be published.

    What the product has registered (actions, forms, policy names) is asked only about an otherwise sound one:
    loading it takes longer than everything else, and an attack must be answered at once.
    """
    shipped = shipped_diagrams()
    found = profile.check(files, shipped)
    if found:
        return found
    from engine import assembly  # noqa: PLC0415 # loads the whole product
    from engine.cases.names import CASE_NAMES  # noqa: PLC0415
    from seed.policies import policy_entries  # noqa: PLC0415

    names = {entry.key for entry in policy_entries()} | CASE_NAMES.keys()
    return profile.check(files, shipped, assembly.ACTIONS, forms=assembly.FORMS, names=names)


bpmn.add_command(prove)
