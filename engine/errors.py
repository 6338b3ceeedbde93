"""The sentences we refuse with.

Every error a person can cause is one of these, and its message is a sentence for that person: what is wrong,
where, and what to do. Anything else that is raised is a bug.

    KeguanError
    ├── Refused    the rules say no; nothing was changed (exit 1, HTTP 409)
    ├── Forbidden  this person may not do it; the reason is the disabled button's text (HTTP 403)
    ├── NotFound   there is no such thing (HTTP 404)
    ├── Conflict   somebody else was faster; read again (HTTP 409)
    └── Unusable   the input cannot be read (exit 2, HTTP 400)
"""


class KeguanError(Exception):
    """Base of every refusal; `str()` is the sentence, `reasons` the single points where there are several."""

    def __init__(self, message: str, reasons: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reasons = reasons or [message]


class Refused(KeguanError):  # noqa: N818 - the sentence's own word
    """The rules say no."""


class Forbidden(KeguanError):  # noqa: N818
    """This person may not do it."""


class NotFound(KeguanError):  # noqa: N818
    """There is no such thing."""


class Conflict(KeguanError):  # noqa: N818
    """The thing has changed since it was read."""


class Unusable(KeguanError):  # noqa: N818
    """The input cannot be read."""
