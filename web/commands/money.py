"""`keguan money`: what one direction's rule says about one case's money."""

import json
import sys
from pathlib import Path

import click

from engine.catalogue.spec import DirectionSpec
from engine.errors import KeguanError, Unusable
from engine.money.facts import MOST_CHARACTERS, NAMES, read_facts
from engine.money.rules import Payable, decide, read_stage
from web.commands.directions import stored_directions

REFUSED, UNUSABLE = 1, 2


@click.command(
    epilog=f"Facts (yuan as numbers or decimal strings; a missing one is named): {', '.join(NAMES)}."
)
@click.argument("code")
@click.option("--stage", required=True, help="application, establishment or payment.")
@click.option("--facts", "source", required=True, metavar="FILE|-", help="One JSON object; - reads stdin.")
def money(code: str, stage: str, source: str) -> None:
    """Print the amount with its derivation (exit 0), or the named refusal (exit 1); bad input exits 2."""
    try:
        decision = decide(_direction(code), read_stage(stage), read_facts(_read(source)))
    except KeguanError as error:
        click.echo(_line(f"keguan money: {error.message}"), err=True)
        sys.exit(UNUSABLE)
    # bytes, so that the JSON is UTF-8 whatever the terminal's encoding
    click.echo(json.dumps(decision.as_json(), ensure_ascii=False, indent=2).encode())
    sys.exit(0 if isinstance(decision, Payable) else REFUSED)


def _direction(code: str) -> DirectionSpec:
    found = next((spec for spec in stored_directions() if spec.code == code), None)
    if found is None:
        raise Unusable(f"没有代码为 {code[:40]!r} 的方向：请用 keguan directions 查看全部代码。")
    return found


def _read(source: str) -> str:
    """The facts' text from a file or standard input, no more of it than facts can need."""
    limit = 4 * MOST_CHARACTERS + 1
    try:
        if source == "-":
            content = sys.stdin.buffer.read(limit)
        else:
            with Path(source).open("rb") as file:
                content = file.read(limit)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unusable(f"无法读取资金事实文件 {source[:200]!r}（{reason}）。") from error
    if len(content) == limit:
        raise Unusable(f"资金事实过长：最多 {MOST_CHARACTERS} 个字符，请只填写一个 JSON 对象。")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(f"资金事实应为 UTF-8 文本，第 {error.start + 1} 个字节无法读取。") from error


def _line(message: str) -> bytes:
    return " ".join(message.encode("utf-8", "backslashreplace").decode().split()).encode()
