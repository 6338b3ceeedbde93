"""The sweep beside the server: lets due limits pass and hands over what a request left behind.

A sweep is idempotent and its state lives in our tables, so a killed server loses nothing.
"""

import logging
from threading import Thread
from time import sleep

from sqlalchemy import Engine

from engine.clock import Clock
from engine.jobs.daily import run_daily
from engine.jobs.migrations import run_migrations
from engine.jobs.sweep import sweep

PERIOD_SECONDS = 30

log = logging.getLogger(__name__)


def start(engine: Engine, clock: Clock) -> None:
    """Sweep every half minute for as long as the process lives."""
    Thread(target=_run, args=(engine, clock), name="sweep", daemon=True).start()


def _run(engine: Engine, clock: Clock) -> None:
    while True:
        try:
            sweep(engine, clock.now())
            run_daily(engine, clock.now())
            run_migrations(engine, clock)
        except Exception:  # a database that is away for a moment must not end the sweeps
            log.exception("the sweep failed; it is tried again in %s seconds", PERIOD_SECONDS)
        sleep(PERIOD_SECONDS)
