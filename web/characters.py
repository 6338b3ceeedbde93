"""Characters no database can keep, a NUL or half of a pair: refused before any view sees them."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, request

from engine.errors import Unusable
from web.language import translate as _


def install(app: Flask) -> None:
    """Look at the address and the form of every request; what the API is sent it looks at itself."""
    app.before_request(_check)


def keepable(text: str) -> bool:
    """Whether every database can keep the text."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def texts_in(sent: Any) -> Iterator[str]:
    """Every text inside a JSON value, the names of its parts too."""
    if isinstance(sent, str):
        yield sent
    elif isinstance(sent, dict):
        for name, value in sent.items():
            yield from (name, *texts_in(value))
    elif isinstance(sent, list):
        for value in sent:
            yield from texts_in(value)


def _check() -> None:
    pairs = (*request.args.items(multi=True), *request.form.items(multi=True))
    if not all(keepable(text) for pair in pairs for text in pair):
        raise Unusable(
            _("提交的内容中有无法保存的控制字符；请返回上一页，删去从别处粘贴的不可见字符后重新提交。")
        )
