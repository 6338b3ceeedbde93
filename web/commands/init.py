"""`keguan init`: an empty production database, with one administrator and nothing made up."""

import os
import sys
from pathlib import Path

import click

from engine import db
from engine.clock import SystemClock
from engine.errors import Refused, Unusable
from engine.people import users
from seed import world

ENVIRONMENT = "KEGUAN_ADMIN_PASSWORD"


@click.command()
@click.option("--login", default="admin", show_default=True, help="The administrator's login.")
@click.option("--name", default="系统管理员", show_default=True, help="The administrator's name.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="A file whose first line is the password; - reads standard input.",
)
def init(login: str, name: str, password_file: Path | None) -> None:
    """Make an empty production database: reference data and one administrator, no demo account.

    The password comes from --password-file, from KEGUAN_ADMIN_PASSWORD, or is asked for; never from the command
    line, where others on the machine could read it. Refuses a database that has accounts (exit 1).
    """
    engine = db.ready_engine(db.database_url())
    now = SystemClock().now()
    with db.reading(engine) as session:
        if users.has_accounts(session):
            raise Refused(users.NOT_EMPTY)
    password = _password(password_file)
    users.check_password(password)
    with db.writing(engine) as session:
        world.load_reference(session, now)
        users.first_admin(session, login=login, name=name, password=password, now=now)
    click.echo(f"已建立空数据库：日历、参数、评分表、指南目录和流程均已载入，管理员登录名为 {login}。")
    click.echo("下一步：keguan serve --no-demo 启动服务，登录后打开“数据导入”：先录入单位、专家和用户，")
    click.echo("再按页面上列出的办：增设另一位管理员，设定申报时间，登记年度预算。")


def _password(file: Path | None) -> str:
    """From the file, the environment or the keyboard, in this order."""
    if file is not None:
        return _first_line(file)
    if given := os.environ.get(ENVIRONMENT):
        return given
    if not sys.stdin.isatty():
        raise Unusable(f"没有给出管理员密码；请用 --password-file 或环境变量 {ENVIRONMENT}，或在终端里运行。")
    answer: str = click.prompt("管理员密码", hide_input=True, confirmation_prompt="再输入一次")
    return answer


def _first_line(file: Path) -> str:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Unusable(f"读不出密码文件 {file}；请存为一行 UTF-8 文本。") from problem
    return text.partition("\n")[0].rstrip("\r")
