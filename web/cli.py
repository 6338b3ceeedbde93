"""The `keguan` command: every subcommand, and what its exit codes mean.

0 done; 1 the rules refused, nothing was changed; 2 the input could not be used. A person never sees a trace.
"""

import sys

import click
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from engine.errors import KeguanError, NotFound, Unusable
from web.commands.audit import audit
from web.commands.bpmn import bpmn
from web.commands.directions import directions
from web.commands.guide import guide
from web.commands.imports import import_, template
from web.commands.init import init
from web.commands.log import log
from web.commands.money import money
from web.commands.serve import serve
from web.commands.simulate import simulate_year

REFUSED, UNUSABLE, INTERRUPTED = 1, 2, 130


class Keguan(click.Group):
    """The subcommands; `assign` is imported when it is asked for: the solver's libraries take a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in alphabetical order."""
        return sorted([*super().list_commands(ctx), "assign"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them."""
        if cmd_name == "assign":
            from web.commands.assign import assign  # noqa: PLC0415 - see above

            return assign
        return super().get_command(ctx, cmd_name)


@click.group(cls=Keguan, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="keguan", prog_name="keguan")
def cli() -> None:
    """Keguan (科管): grant programmes as procedures, money with its derivation, panels as a solved problem.

    KEGUAN_DATABASE_URL names the database (default: SQLite under var/), created and migrated on first use.
    """


for command in (audit, bpmn, directions, guide, import_, init, log, money, serve, simulate_year, template):
    cli.add_command(command)


def main() -> None:
    """Run a command; every refusal is one line on standard error."""
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
