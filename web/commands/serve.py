"""`keguan serve`: the web on this machine, its database made ready first."""

import logging
from datetime import datetime
from ipaddress import ip_address

import click
import waitress  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlmodel import select

from engine import db
from engine.clock import SystemClock
from engine.errors import Refused, Unusable
from engine.people.models import Account
from seed import world
from web import worker
from web.app import create_app, settle
from web.auth import DemoAccount
from web.demo import shown_accounts
from web.settings import from_environment, post_from_environment

THREADS = 8
PUBLIC_DEMO = (
    "演示账号的密码是公开的，不能在 {host} 上对外提供服务；"
    "请改用 127.0.0.1，或用一个不含演示数据的数据库并加 --no-demo。"
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535))
@click.option("--no-demo", is_flag=True, help="Leave a new database without the demo world.")
def serve(host: str, port: int, no_demo: bool) -> None:
    """Migrate the database, load the catalogue and, into a new one, the demo world; then serve the web."""
    engine = db.ready_engine(db.database_url())
    now = SystemClock().now()
    with db.writing(engine) as session:
        world.load_reference(session, now)
        demo = shown_accounts(session)
        wanted = not no_demo and session.exec(select(Account.id).limit(1)).first() is None
    if (demo or wanted) and not _is_loopback(host):
        raise Refused(PUBLIC_DEMO.format(host=host))
    if wanted:
        demo = _load_demo(engine, now)
    settings = from_environment()
    outside = worker.Outside(post_from_environment(), settings.webhook_hosts)
    app = create_app(engine, settings, demo=demo)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it reports every short queue under load
    server = _listen(app, host, port)
    _announce(f"http://{host}:{port}/", demo)
    worker.start(engine, SystemClock(), outside)
    settle()
    server.run()


def _load_demo(engine: Engine, now: datetime) -> list[DemoAccount]:
    """The fictional world of a new database; its accounts."""
    click.echo("正在布置演示数据：约需一分钟，仅第一次运行 …", err=True)
    with db.writing(engine) as session:
        world.load_demo(session, now)
    world.load_demo_cases(engine, now)
    with db.reading(engine) as session:
        return shown_accounts(session)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(app: object, host: str, port: int) -> waitress.server.BaseWSGIServer:
    try:
        return waitress.create_server(app, host=host, port=port, threads=THREADS, ident=None)
    except OSError as problem:
        raise Unusable(
            f"不能在 {host}:{port} 上监听（{problem.strerror}）；请换一个端口，如 PORT=8001。"
        ) from problem


def _announce(address: str, demo: list[DemoAccount]) -> None:
    console = Console()
    console.print(f"\n科管 Keguan  [bold]{address}[/bold]  （Ctrl+C 停止）\n", highlight=False)
    if demo:
        table = Table("岗位", "登录名", "密码", title="演示账号", title_justify="left", box=None)
        for account in demo:
            table.add_row(account.role.zh, account.login, account.password)
        console.print(table)
