"""The `keguan` command: every subcommand, and what its exit codes mean.

0 done; 1 the rules refused, nothing was changed; 2 the input could not be used. A person never sees a trace.
"""

import os
import sys
import threading
from importlib import import_module
from typing import NoReturn

import click
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from engine.errors import KeguanError, NotFound, Unusable

COMMANDS = {
    "assign": ("assign", "assign"),
    "audit": ("audit", "audit"),
    "bpmn": ("bpmn", "bpmn"),
    "directions": ("directions", "directions"),
    "guide": ("guide", "guide"),
    "import": ("imports", "import_"),
    "init": ("init", "init"),
    "log": ("log", "log"),
    "money": ("money", "money"),
    "serve": ("serve", "serve"),
    "simulate": ("simulate", "simulate_year"),
    "template": ("imports", "template"),
}
"""Each subcommand's module in `web.commands` and its name there."""

REFUSED, UNUSABLE, INTERRUPTED = 1, 2, 130
SOLVING = "solve "
"""How the names of the optimizer's solving threads begin."""


class Keguan(click.Group):
    """The subcommands, each imported when it is asked for: together they take two seconds, most alone a fifth."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # as click calls it
        """All of them, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 # likewise
        """One of them."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found: click.Command = getattr(import_module(f"web.commands.{module}"), name)
        return found


@click.group(cls=Keguan, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="keguan", prog_name="keguan")
def cli() -> None:
    """Keguan (科管): grant programmes as procedures, money with its derivation, panels as a solved problem.

    KEGUAN_DATABASE_URL names the database (default: SQLite under var/), created and migrated on first use.
    """


def main() -> None:
    """Run a command and end with its exit code.

    A solver that outlives its time limit cannot be stopped, and would abort the process while Python ends.
    """
    try:
        _run()
    except SystemExit as end:
        if not any(one.name.startswith(SOLVING) for one in threading.enumerate()):
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else REFUSED)


def _run() -> NoReturn:
    """Every refusal is one line on standard error."""
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.Abort:
        sys.exit(INTERRUPTED)
    except KeguanError as refusal:
        _say(refusal.message)
        sys.exit(UNUSABLE if isinstance(refusal, Unusable | NotFound) else REFUSED)
    except (ArgumentError, NoSuchModuleError, OperationalError) as problem:
        _say(f"数据库不可用，请检查 KEGUAN_DATABASE_URL：{_cause(problem)}")
        sys.exit(UNUSABLE)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone: there is nobody to tell
        sys.exit(REFUSED)
    sys.exit(code if isinstance(code, int) else 0)


def _cause(problem: Exception) -> str:
    """The driver's own words, without the statement that was tried."""
    return str(problem.orig) if isinstance(problem, DBAPIError) else str(problem)


def _say(message: str) -> None:
    line = " ".join(message.split()).encode("utf-8", "backslashreplace")
    click.echo(b"keguan: " + line, err=True)
