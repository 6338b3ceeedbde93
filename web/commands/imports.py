"""`keguan template` and `keguan import`: bring in what a bureau already has, from workbooks."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlmodel import Session, col, select

from engine import assembly, db
from engine.clock import SystemClock
from engine.errors import NotFound, Refused
from engine.people.accounts import get_account
from engine.people.models import Account
from engine.people.permissions import may_administer, may_bring_in_cases
from engine.records.imports.report import Report
from engine.records.imports.runs import Setting, run_import
from engine.records.imports.sheets import KINDS
from engine.records.imports.templates import write_template
from engine.vocabulary import Role
from web.forms.words import OPTIONS
from web.settings import identity_key

assert assembly.FORMS
CHINESE = {key: zh for key, (zh, _en) in OPTIONS.items()}
KIND = click.Choice(list(KINDS))
WORKBOOK = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("kind", type=KIND)
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def template(kind: str, out: Path) -> None:
    """Write the workbook to fill in for an import: headings, allowed values, an example for each column."""
    out.write_bytes(write_template(kind, CHINESE))
    click.echo(f"已写出{KINDS[kind]}导入模板：{out}")


@click.command("import")
@click.argument("kind", type=KIND)
@click.argument("file", type=WORKBOOK)
@click.option("--dry-run", is_flag=True, help="Say what would be made and what is wrong; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option(
    "--by",
    help="The login in whose name it is done; an administrator (for applications an intake officer) unless given.",
)
@click.option(
    "--passwords",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write new accounts' first passwords to this file instead of the screen.",
)
def import_(
    kind: str, file: Path, dry_run: bool, as_json: bool, by: str | None, passwords: Path | None
) -> None:
    """Bring in units, experts, users or applications from a workbook: all of it, or nothing.

    A file with a bad cell changes nothing and names every one (exit 1).
    """
    engine = db.ready_engine(db.database_url())
    with Session(engine, expire_on_commit=False) as session:
        actor = get_account(session, by) if by else _default_actor(session, kind)
        setting = Setting(CHINESE, identity_key())
        now = SystemClock().now()
        report = run_import(session, kind, file.read_bytes(), setting, actor=actor, now=now)
        kept = not dry_run and not report.problems
        if kept:
            session.commit()
        else:
            session.rollback()
    _print(report, kept=kept, as_json=as_json)
    if kept and report.passwords:
        _hand_over(report, passwords, as_json=as_json)
    if report.problems:
        raise Refused(f"文件有 {len(report.problems)} 处需要改正，没有导入任何内容；请改正后重新导入。")


def _default_actor(session: Session, kind: str) -> Account:
    """The first who may; for applications an intake officer, who alone may enter new ones on paper, if there is one."""
    accounts = session.exec(select(Account).where(col(Account.active).is_(True)).order_by(col(Account.id)))
    permit = may_bring_in_cases if kind == "applications" else may_administer
    found = [account for account in accounts if permit(account)]
    if not found:
        raise NotFound("数据库里没有可以办理导入的账号；请先运行 keguan init，或用 --by 指定登录名。")
    return next((one for one in found if kind == "applications" and Role.INTAKE in one.roles), found[0])


def _print(report: Report, *, kept: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json() | {"kept": kept}, ensure_ascii=False, indent=1))
        return
    console = Console()
    for title, lines in (("将新增" if not kept else "已新增", report.made), ("已有", report.known)):
        if lines:
            table = Table(
                "类别", "名称", "说明", title=f"{title} {len(lines)} 条", title_justify="left", box=None
            )
            for line in lines:
                table.add_row(*line)
            console.print(table, highlight=False)
    for problem in report.problems:
        click.echo(str(problem))
    if not report.made and not report.known and not report.problems:
        click.echo("没有要导入的内容。")


def _hand_over(report: Report, file: Path | None, *, as_json: bool) -> None:
    """First passwords, once: to a file only its owner reads, or to standard error."""
    lines = [f"{login}\t{name}\t{password}" for login, name, password in report.passwords]
    if file is not None:
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n", "utf-8")
        click.echo(f"{len(lines)} 个新账号的初始密码已写入 {file}；请分发后删除。", err=as_json)
        return
    click.echo("新账号的初始密码（只显示这一次）：", err=True)
    for line in lines:
        click.echo(line, err=True)
