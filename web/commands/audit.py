"""`keguan audit`: is the history what was written?"""

import json
import sys

import click

from engine import db, history

BROKEN = 1


@click.group()
def audit() -> None:
    """Check the append-only history."""


@audit.command()
def verify() -> None:
    """Verify every hash chain and daily anchor; exit 0 when intact, 1 with each break named."""
    engine = db.ready_engine(db.database_url())
    with db.reading(engine) as session:
        chains, entries = history.extent(session)
        breaks = history.verify(session)
    report = {
        "intact": not breaks,
        "chains": chains,
        "entries": entries,
        "breaks": [found._asdict() for found in breaks],
    }
    # bytes, so that the JSON is UTF-8 whatever the terminal's encoding
    click.echo(json.dumps(report, ensure_ascii=False, indent=2).encode())
    if breaks:
        sys.exit(BROKEN)
