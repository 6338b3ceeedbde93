"""The English catalogue keeps up with the texts of templates and views."""

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from engine.db import ROOT

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def test_every_text_has_its_english() -> None:
    """A text without one would leave Chinese in the English page; `make messages` lists what is new."""
    said = {found[2] for found in extract_from_dir(ROOT / "web", METHODS) if isinstance(found[2], str)}
    with (ROOT / "web/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        translated = {str(message.id) for message in read_po(file) if message.string and not message.fuzzy}

    assert said - translated == set()
