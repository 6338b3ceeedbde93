"""`keguan template` and `keguan import`: from an empty database to a running project, on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from engine import db
from engine.cases.models import CaseFile
from engine.errors import NotFound, Refused
from engine.people.accounts import authenticate
from engine.people.models import Organization
from engine.records.workbook_reading import read_sheets
from tests.engine.records.test_running import PROJECT
from tests.engine.records.worlds import workbook
from tests.worlds import code
from web.commands.imports import import_, template

UNITS = [
    {"单位名称": "示例区科技局", "统一社会信用代码": code("11450200000000001"), "单位类型": "推荐单位"},
    {
        "单位名称": "示例机械有限公司",
        "统一社会信用代码": code("91450200MA0000001"),
        "单位类型": "企业",
        "推荐单位": "示例区科技局",
    },
]
USERS = [{"登录名": "sb01", "姓名": "王示例", "岗位": "申报单位", "所属单位": "示例机械有限公司"}]


def _import(folder: Path, kind: str, sheets: dict[str, list[dict[str, object]]], *options: str) -> Result:
    file = folder / f"{kind}.xlsx"
    file.write_bytes(workbook(**sheets))
    return CliRunner().invoke(
        import_, [kind, str(file), *options], catch_exceptions=False, standalone_mode=False
    )


def test_a_bureau_s_first_morning(bureau: str, tmp_path: Path) -> None:
    """Units, users with first passwords in a file, then a project that is already being accepted."""
    passwords = tmp_path / "passwords.txt"
    _import(tmp_path, "units", {"单位": UNITS})  # type: ignore[dict-item]
    _import(tmp_path, "users", {"用户": USERS}, "--passwords", str(passwords))  # type: ignore[dict-item]
    project = PROJECT | {"进入环节": "结题验收"}
    told = json.loads(_import(tmp_path, "applications", {"项目": [project]}, "--json").stdout)

    login, _, password = passwords.read_text("utf-8").strip().split("\t")
    with db.reading(db.ready_engine(bureau)) as session:
        status = session.exec(select(CaseFile.status)).one()
        assert authenticate(session, login, password).login == "sb01"
    assert (told["kept"], told["problems"], status) == (True, [], "closing")
    assert passwords.stat().st_mode & 0o077 == 0


def test_a_dry_run_tells_and_changes_nothing(bureau: str, tmp_path: Path) -> None:
    """What would be made."""
    done = _import(tmp_path, "units", {"单位": UNITS}, "--dry-run")  # type: ignore[dict-item]

    assert "将新增 2 条" in done.output
    with db.reading(db.ready_engine(bureau)) as session:
        assert session.exec(select(Organization)).all() == []


def test_a_bad_cell_is_named_and_refuses_the_file(bureau: str, tmp_path: Path) -> None:
    """Nothing of it is made; the exit code says that the rules refused."""
    rows = [UNITS[0], UNITS[1] | {"单位类型": "公司"}]
    with pytest.raises(Refused, match="1 处需要改正"):
        _import(tmp_path, "units", {"单位": rows})  # type: ignore[dict-item]

    with db.reading(db.ready_engine(bureau)) as session:
        assert session.exec(select(Organization)).all() == []


def test_a_database_nobody_has_an_account_in_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`keguan init` comes first."""
    monkeypatch.setenv("KEGUAN_DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite'}")
    with pytest.raises(NotFound, match="keguan init"):
        _import(tmp_path, "units", {"单位": UNITS})  # type: ignore[dict-item]


@pytest.mark.parametrize("kind", ["units", "experts", "users", "applications"])
def test_a_template_is_written(tmp_path: Path, kind: str) -> None:
    """Headings to fill in, and a guide with what each may hold."""
    out = tmp_path / f"{kind}.xlsx"
    CliRunner().invoke(template, [kind, "--out", str(out)], catch_exceptions=False, standalone_mode=False)

    assert "填写说明" in read_sheets(out.read_bytes())
