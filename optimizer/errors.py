"""The one error the optimizer raises on purpose."""


class ProblemError(Exception):
    """The problem as posed makes no sense; the message is one sentence for the person who posed it."""
