"""axe-core on an open page: what would stop somebody who cannot see, hear or point."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from engine.db import ROOT

GRAVE = {"serious", "critical"}
RUN = "() => axe.run(document, { resultTypes: ['violations'], preload: false }).then((found) => found.violations)"


@cache
def _script() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def grave_violations(page: Page) -> list[str]:
    """Each serious or critical violation with the elements it is about."""
    page.evaluate(_script())
    return [_told(found) for found in page.evaluate(RUN) if found["impact"] in GRAVE]


def _told(found: dict[str, Any]) -> str:
    places = [" ".join(map(str, node["target"])) for node in found["nodes"]]
    return f"{found['id']}: {'; '.join(places[:5])} ({len(places)})"
