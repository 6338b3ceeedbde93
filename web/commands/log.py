"""`keguan log`: the history for other tools."""

from pathlib import Path

import click

from engine import assembly, db
from engine.change import event_log
from engine.errors import Unusable

FORMATS = {"xes": event_log.xes, "ocel": event_log.ocel}


@click.group()
def log() -> None:
    """The history as an event log."""


@log.command()
@click.option("--format", "kind", type=click.Choice(sorted(FORMATS)), default="xes", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
def export(kind: str, out: Path) -> None:
    """Write every move of every case to FILE for process mining: XES, or OCEL 2.0 in JSON."""
    assert assembly.FORMS
    engine = db.ready_engine(db.database_url())
    with db.reading(engine) as session:
        content = FORMATS[kind](session)
    try:
        out.write_bytes(content)
    except OSError as problem:
        raise Unusable(f"不能写入 {out}（{problem.strerror}）；请检查路径和权限。") from problem
    click.echo(f"已导出到 {out}（{len(content):,} 字节）。".encode())
