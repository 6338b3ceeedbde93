"""The language and theme of a request: Chinese first, English second; both are kept in a cookie."""

from typing import Any

from flask import Flask, g, request
from flask_babel import Babel, get_locale, get_translations

from engine.people.roles import role_label
from engine.vocabulary import Word

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
THEMES = ("light", "dark")


def install(app: Flask) -> None:
    """Choose the language of each request and give templates `label` and `theme`."""
    Babel(
        app,
        default_locale="zh_Hans_CN",
        default_timezone="Asia/Shanghai",
        locale_selector=lambda: LANGUAGES[chosen_language()],
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    app.context_processor(lambda: {"language": chosen_language(), "theme": chosen_theme()})
    app.jinja_env.globals["label"] = label
    app.jinja_env.globals["role_name"] = role_name


def chosen_language() -> str:
    """`zh` unless the person chose `en`."""
    return "en" if request.cookies.get("language") == "en" else "zh"


def chosen_theme() -> str | None:
    """`light` or `dark` where chosen; None follows the machine."""
    theme = request.cookies.get("theme")
    return theme if theme in THEMES else None


def label(kind: type[Word], key: str) -> str:
    """The word for a key in the person's language; a bureau's own key, unknown to us, is shown as it is."""
    word = next((known for known in kind if known.value == key), None)
    if word is None:
        return key
    return word.en if is_english() else word.zh


def role_name(role: str) -> str:
    """What a lane or role is called; one the bureau added by its own name."""
    return role_label(role, chosen_language())


def translate(message: str, **values: object) -> str:
    """The message in the person's language; imported as `_`, which is what the extraction looks for."""
    said = str(_catalogue().ugettext(message))
    return said % values if values else said


def _catalogue() -> Any:
    """The person's catalogue, looked up once a request: a list says hundreds of texts."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def is_english() -> bool:
    """Whether this request is answered in English."""
    locale: Any = get_locale()
    return locale is not None and locale.language == "en"
