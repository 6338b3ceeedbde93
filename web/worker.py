"""The sweep beside the server: lets due limits pass and hands over what a request left behind.

A sweep is idempotent and its state lives in our tables, so a killed server loses nothing.
"""

import logging
from dataclasses import dataclass
from threading import Thread
from time import sleep

from sqlalchemy import Engine

from engine.clock import Clock
from engine.jobs import mail, webhooks
from engine.jobs.daily import run_daily
from engine.jobs.draws import run_draws
from engine.jobs.mail import Post
from engine.jobs.migrations import run_migrations
from engine.jobs.sweep import sweep
from engine.jobs.telling import tell_everybody

PERIOD_SECONDS = 30
DRAW_SECONDS = 1
"""How soon a draw that somebody waits for on the screen is taken up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outside:
    """How what happens here reaches others: letters, and hosts trusted with events."""

    post: Post
    webhook_hosts: frozenset[str]


def start(engine: Engine, clock: Clock, outside: Outside) -> None:
    """Sweep, and tell people and other systems, every half minute for as long as the process lives.

    What goes outside has a thread of its own: a mail server that hangs never holds up a time limit. So have
    draws, which are solved for as long as a minute.
    """
    Thread(target=_run, args=(engine, clock), name="sweep", daemon=True).start()
    Thread(target=_draw, args=(engine, clock), name="draws", daemon=True).start()
    Thread(target=_tell, args=(engine, clock, outside), name="outside", daemon=True).start()


def _run(engine: Engine, clock: Clock) -> None:
    while True:
        try:
            sweep(engine, clock.now())
            run_daily(engine, clock.now())
            run_migrations(engine, clock)
        except Exception:  # a database that is away for a moment must not end the sweeps
            log.exception("the sweep failed; it is tried again in %s seconds", PERIOD_SECONDS)
        sleep(PERIOD_SECONDS)


def _draw(engine: Engine, clock: Clock) -> None:
    while True:
        try:
            run_draws(engine, clock.now())
        except Exception:  # the same: a draw keeps its place in the row
            log.exception("draws failed; they are tried again in %s second", DRAW_SECONDS)
        sleep(DRAW_SECONDS)


def _tell(engine: Engine, clock: Clock, outside: Outside) -> None:
    while True:
        try:
            tell_everybody(engine, clock.now())
            mail.send_due(engine, outside.post, clock.now())
            webhooks.send_due(engine, outside.webhook_hosts, clock.now())
        except Exception:  # the same: what was not told now is told next time
            log.exception("telling failed; it is tried again in %s seconds", PERIOD_SECONDS)
        sleep(PERIOD_SECONDS)
