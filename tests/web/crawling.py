"""Following every link a person is shown, as a browser would, without one."""

from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

ENOUGH = 4
"""Pages of one kind that are opened: the next two hundred cases look like these."""


def crawl(
    app: Flask, client: FlaskClient, start: str = "/", enough: int = ENOUGH
) -> tuple[dict[str, str], list[str]]:
    """Every kind of page reachable from the start with one address of it, and every link that failed."""
    waiting, seen = deque([(start, "")]), {start}
    opened: Counter[str] = Counter()
    found: dict[str, str] = {}
    broken: list[str] = []
    while waiting:
        address, shown_on = waiting.popleft()
        kind = endpoint(app, address)
        if opened[kind] >= enough:
            continue
        opened[kind] += 1
        answer = client.get(address, follow_redirects=True)
        if answer.status_code >= 400:
            broken.append(f"{answer.status_code} {address} (shown on {shown_on})")
            continue
        if answer.mimetype != "text/html":
            continue
        found.setdefault(kind, address)
        for link in links(answer.get_data()):
            if link not in seen:
                seen.add(link)
                waiting.append((link, address))
    return found, broken


def endpoint(app: Flask, address: str) -> str:
    """The view an address leads to, told apart by the names of its filters; the address itself when none."""
    split = urlsplit(address)
    names = ",".join(sorted({part.partition("=")[0] for part in split.query.split("&")}))
    try:
        view, _ = app.url_map.bind("localhost").match(split.path)
    except RequestRedirect:
        view = "redirect"
    except HTTPException:
        view = split.path
    return f"{view}?{names}" if names else str(view)


def links(page: bytes) -> Iterator[str]:
    """The addresses on this site that a page lets one open by GET."""
    for element in html.fromstring(page).iter(
        "a", "iframe", "img", "link", "script", "button", "form", "div"
    ):
        for name in ("href", "src", "hx-get"):
            target = element.get(name)
            if target and target.startswith("/") and not target.startswith("/static/"):
                yield urldefrag(target).url
