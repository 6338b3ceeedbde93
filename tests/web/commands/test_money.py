"""`keguan money`: the amount on exit 0, the named refusal on exit 1, one line on exit 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.money.facts import NAMES
from web.commands.money import money


@pytest.fixture(scope="module", autouse=True)
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One fresh install for the whole module: the command only reads it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('money') / 'fresh.sqlite'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEGUAN_DATABASE_URL", url)
        yield


def ask(code: str, stage: str, facts: str | bytes | dict[str, Any]) -> Result:
    """The command with its facts on standard input."""
    given = json.dumps(facts) if isinstance(facts, dict) else facts
    return CliRunner().invoke(money, [code, "--stage", stage, "--facts", "-"], input=given)


def test_an_amount_is_printed_with_its_derivation() -> None:
    """The keys are the published ones, and every step says on what ground."""
    result = ask("T3-D1-S1", "payment", {"verified_self_raised": 1_234_565, "acceptance": "passed"})

    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert list(printed) == ["allowed", "amount_yuan", "derivation"]
    assert (printed["allowed"], printed["amount_yuan"]) == (True, 123_457)
    assert all(step["clause"] and step["text"] for step in printed["derivation"])
    assert printed["derivation"][-1]["value_yuan"] == 123_457


def test_a_refusal_is_printed_by_name() -> None:
    """With a sentence for the person."""
    result = ask("E-D4-S1", "application", {"requested": 1})

    assert result.exit_code == 1
    printed = json.loads(result.stdout)
    assert list(printed) == ["allowed", "reason", "message"]
    assert (printed["allowed"], printed["reason"]) == (False, "no_municipal_funding")
    assert "不拨付" in printed["message"]


def test_facts_are_read_from_a_file_too(tmp_path: Path) -> None:
    """A byte-order mark, as Windows editors write it, does no harm."""
    file = tmp_path / "facts.json"
    file.write_bytes(b'\xef\xbb\xbf{"requested": "200000", "self_raised": "799999.99"}')

    result = CliRunner().invoke(money, ["E-D1-S1", "--stage", "application", "--facts", str(file)])

    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "ratio_below_minimum")


@pytest.mark.parametrize(
    ("code", "stage", "facts", "words"),
    [
        ("T9-D9", "payment", "{}", "没有代码为 'T9-D9' 的方向"),
        ("t3-d1-s1", "payment", "{}", "没有代码"),
        ("T3-D1-S1", "settlement", "{}", "没有名为 'settlement' 的环节"),
        ("T3-D1-S1", "payment", "", "不是有效的 JSON"),
        ("T3-D1-S1", "payment", "{", "不是有效的 JSON"),
        ("T3-D1-S1", "payment", "[]", "应为一个 JSON 对象"),
        ("T3-D1-S1", "payment", "{}", "缺少判断所需的资金事实 acceptance、verified_self_raised"),
        ("T3-D1-S1", "payment", b"\xff\xfe", "UTF-8"),
        ("T3-D1-S1", "payment", '{"verified_self_raised": NaN}', "不接受 NaN"),
        ("T3-D1-S1", "payment", '{"verified_self_raised": Infinity}', "不接受 Infinity"),
        ("T3-D1-S1", "payment", '{"verified_self_raised": 1e400}', "数字过大"),
        ("T3-D1-S1", "payment", '{"verified_self_raised": "' + "9" * 100_000 + '"}', "十进制数字串"),
        ("T3-D1-S1", "payment", '{"x": "' + "9" * 2_000_000 + '"}', "过长"),
        ("T3-D1-S1", "payment", '{"verified_self_raised": true}', "布尔值"),
        ("T3-D1-S1", "payment", '{"verified_self_raised": [1]}', "列表"),
        ("T3-D1-S1", "payment", '{"\\ud800\\u2028": 1}', "没有名为"),
    ],
)
def test_unusable_input_is_one_line(code: str, stage: str, facts: str | bytes, words: str) -> None:
    """On standard error, with exit 2 and nothing on standard output."""
    result = ask(code, stage, facts)

    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("source", ["missing.json", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_one_line(source: str) -> None:
    """A missing file, a folder, a name no system has."""
    result = CliRunner().invoke(money, ["T3-D1-S1", "--stage", "payment", "--facts", source])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "无法读取资金事实文件" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_help_names_every_fact() -> None:
    """A fact's name need not be guessed."""
    shown = CliRunner().invoke(money, ["--help"]).output.replace("\n", " ")

    assert [name for name in NAMES if name not in shown] == []
