"""What time it is for the web: the machine's, or a test's."""

from datetime import datetime

from flask import Flask, current_app

from engine.clock import Clock


def install(app: Flask, clock: Clock) -> None:
    """Bind the application to a clock."""
    app.extensions["keguan_clock"] = clock
    app.jinja_env.globals["now"] = now


def now() -> datetime:
    """The present moment of this application."""
    clock: Clock = current_app.extensions["keguan_clock"]
    return clock.now()
