"""`keguan guide import`: the draft as JSON, and what cannot be read."""

import json
from pathlib import Path

from click.testing import CliRunner

from engine.errors import Unusable
from seed.catalogue import read_catalogue
from tests.engine.change.guide.printed import printed
from web.commands.guide import guide


def test_the_draft_as_json(tmp_path: Path) -> None:
    """The catalogue's objects with source and confidence, and what was not understood."""
    file = tmp_path / "guide.txt"
    file.write_text(printed(read_catalogue()), encoding="utf-8")

    answer = CliRunner().invoke(guide, ["import", str(file), "--json"])
    draft = json.loads(answer.stdout)

    assert (answer.exit_code, len(draft["directions"]), draft["unparsed"][0]["line"]) == (0, 67, 1)
    first = draft["directions"][0]
    assert (
        first["source"].keys()
        == first["confidence"].keys()
        > first.keys() - {"source", "confidence", "unparsed"}
    )


def test_a_table_without_json(tmp_path: Path) -> None:
    """A line a direction, and how much was not understood."""
    file = tmp_path / "guide.txt"
    file.write_text("专题一：农业\n方向1：蜂业\n1.补助方式：里程碑式补助。\n", encoding="utf-8")

    answer = CliRunner().invoke(guide, ["import", str(file)])

    assert (answer.exit_code, "T1-D1" in answer.stdout, "未读懂的语句 0 条" in answer.stdout) == (
        0,
        True,
        True,
    )


def test_a_file_without_directions_is_unusable(tmp_path: Path) -> None:
    """Its name and what to do are said."""
    file = tmp_path / "letter.txt"
    file.write_text("各县区科技局：\n现将有关事项通知如下。\n", encoding="utf-8")

    refusal = CliRunner().invoke(guide, ["import", str(file)]).exception

    assert isinstance(refusal, Unusable)
    assert "letter.txt 里没有找到申报方向" in str(refusal)
