"""`keguan guide import`: read a guide's text into a draft catalogue, and write nothing."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from engine.change.guide.draft import Draft, DraftDirection, read_guide
from engine.change.guide.text import LONGEST, read_lines
from engine.errors import Unusable


@click.group()
def guide() -> None:
    """Next year's application guide."""


@guide.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the draft as JSON instead of a table.")
def import_guide(file: Path, as_json: bool) -> None:
    """Read FILE (text or .docx) into a draft catalogue. Nothing is written: an admin confirms it on the screen.

    Every field comes with the line it was read from and a confidence from 0 to 1; every sentence that nothing
    was read from is listed, and what looks like a slip of the pen is pointed at.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LONGEST + 1)
    except OSError as problem:
        raise Unusable(f"不能读取 {file}：{problem.strerror}。") from problem
    draft = read_guide(read_lines(content, file.name))
    if not draft.directions:
        raise Unusable(f"{file.name} 里没有找到申报方向；请导入带有“方向1：…”这类标题的指南正文。")
    if as_json:
        click.echo(json.dumps(draft_json(draft), ensure_ascii=False, indent=2))
    else:
        _show(draft)


def draft_json(draft: Draft) -> dict[str, Any]:
    """The draft as one JSON object: `directions`, `unparsed`, `flags`."""
    return {
        "directions": [_direction_json(direction) for direction in draft.directions],
        "unparsed": [asdict(each) for each in draft.unparsed],
        "flags": [asdict(flag) for flag in draft.flags],
    }


def _direction_json(direction: DraftDirection) -> dict[str, Any]:
    return {
        **direction.fields,
        "source": dict(direction.source),
        "confidence": dict(direction.confidence),
        "unparsed": [{"line": each.line, "text": each.text} for each in direction.unparsed],
    }


def _show(draft: Draft) -> None:
    table = Table("代码", "方向", "补助方式", "拨付条件", "规则", "期限", "限额", "最低可信度", box=None)
    for direction in draft.directions:
        fields = direction.fields
        rule = [f"{name}={value}" for name, value in fields["rule"].items() if value is not None]
        years = fields["duration_exact_years"] or f"≤{fields['duration_max_years']}"
        lowest = min(direction.confidence, key=lambda name: direction.confidence[name])
        table.add_row(
            direction.code,
            fields["path"][-1],
            fields["funding_mode"],
            fields["payment_trigger"],
            " ".join(rule),
            f"{years}年",
            str(fields["quota"] or ""),
            f"{direction.confidence[lowest]:g} {lowest}",
        )
    console = Console()
    console.print(table)
    console.print(
        f"未读懂的语句 {len(draft.unparsed)} 条，疑似笔误 {len(draft.flags)} 处（--json 逐条列出）。"
    )
