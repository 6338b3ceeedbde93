"""Guessing passwords is slowed down: after some failures a login, from one address, must wait.

Kept in the process's memory: a restart forgets it, and each server process counts for itself. That is enough
against guessing at Argon2's price; a bureau exposed to the internet adds its gateway's limit.
"""

from collections import OrderedDict, deque
from threading import Lock
from time import monotonic

from engine.errors import Forbidden
from web.language import translate as _

MOST_FAILURES = 6
WINDOW_SECONDS = 600
MOST_REMEMBERED = 10_000

_failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
_lock = Lock()


def check(login: str, source: str) -> None:
    """Raise Forbidden when this login failed too often from this address lately."""
    with _lock:
        recent = _recent((login, source))
    if len(recent) >= MOST_FAILURES:
        minutes = int((WINDOW_SECONDS - (monotonic() - recent[0])) // 60) + 1
        raise Forbidden(
            _("连续多次登录失败；请 %(minutes)s 分钟后再试，或联系管理员重置密码。", minutes=minutes)
        )


def failed(login: str, source: str) -> None:
    """Remember one failure."""
    with _lock:
        _recent((login, source)).append(monotonic())
        while len(_failures) > MOST_REMEMBERED:
            _failures.popitem(last=False)


def succeeded(login: str, source: str) -> None:
    """A right password clears the count."""
    with _lock:
        _failures.pop((login, source), None)


def _recent(key: tuple[str, str]) -> deque[float]:
    times = _failures.setdefault(key, deque())
    _failures.move_to_end(key)
    while times and times[0] < monotonic() - WINDOW_SECONDS:
        times.popleft()
    return times


def forget() -> None:
    """Forget every failure."""
    with _lock:
        _failures.clear()
