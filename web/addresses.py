"""Addresses taken from a request are followed only inside this site, and numbers in them can be a row's."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field
from werkzeug.routing import IntegerConverter

NINE_DIGITS = 9
"""The longest number of a row: every database keeps it, and there is no bureau with more rows."""
RowId = Annotated[int, Field(ge=0, lt=10**NINE_DIGITS)]
"""The number of a row where JSON or a query names one."""


class RowNumber(IntegerConverter):
    """`<int:case_id>` in a route: a longer number than a row can have is an address that is not there."""

    regex = rf"[0-9]{{1,{NINE_DIGITS}}}"


def is_number(text: str) -> bool:
    """Whether a text can be a row's number."""
    return text.isascii() and text.isdecimal() and len(text) <= NINE_DIGITS


def local_address(wanted: str | None, otherwise: str = "/") -> str:
    """`wanted` when it is a path on this site, else `otherwise`: a link must not lead people elsewhere."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted
