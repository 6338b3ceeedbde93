"""What a deployment may choose, read from the environment once."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from engine.db import ROOT
from engine.errors import Unusable
from engine.jobs.mail import Post, SmtpServer, to_console
from engine.records.attachments import DEFAULT_FOLDER

SMTP_PORTS = {"starttls": "587", "tls": "465", "none": "25"}
SECRET_FILE = ROOT / "var" / "secret-key"
IDENTITY_FILE = ROOT / "var" / "identity-key"


@dataclass(frozen=True)
class Settings:
    """`secret_key` signs the session cookie; `https` marks it Secure; `largest_request` is in bytes.

    `webhook_hosts` are hosts (or host:port) events may be sent to although they are inside the bureau's network.
    """

    secret_key: str = field(repr=False)
    https: bool = False
    session_lifetime: timedelta = timedelta(hours=12)
    largest_request: int = 16 * 1024 * 1024
    webhook_hosts: frozenset[str] = frozenset()
    attachments: Path = DEFAULT_FOLDER
    """Where the files of cases lie (`KEGUAN_ATTACHMENTS`, else `var/attachments`); back it up with the database."""


def from_environment() -> Settings:
    """`KEGUAN_SECRET_KEY` (else a key made once under `var/`) and `KEGUAN_HTTPS=1` behind a TLS proxy."""
    return Settings(
        secret_key=os.environ.get("KEGUAN_SECRET_KEY") or kept_secret(SECRET_FILE),
        https=os.environ.get("KEGUAN_HTTPS") == "1",
        attachments=Path(os.environ.get("KEGUAN_ATTACHMENTS") or DEFAULT_FOLDER),
        webhook_hosts=_words("KEGUAN_WEBHOOK_HOSTS"),
    )


def identity_key() -> bytes:
    """What identity numbers are hashed with: `KEGUAN_IDENTITY_KEY`, else a key made once under `var/`.

    It must stay the same for as long as the database lives, or one person becomes two.
    """
    return (os.environ.get("KEGUAN_IDENTITY_KEY") or kept_secret(IDENTITY_FILE)).encode()


def post_from_environment() -> Post:
    """How letters are sent: by `KEGUAN_SMTP_HOST`, or to the log where it is not set; Unusable for nonsense.

    `KEGUAN_SMTP_PORT`, `KEGUAN_SMTP_USER`, `KEGUAN_SMTP_PASSWORD`, `KEGUAN_SMTP_SECURITY` (starttls, tls or none),
    `KEGUAN_MAIL_FROM`, and `KEGUAN_SITE`, the address that links in letters begin with.
    """
    author = os.environ.get("KEGUAN_MAIL_FROM", "keguan@localhost")
    site = os.environ.get("KEGUAN_SITE", "")
    host = os.environ.get("KEGUAN_SMTP_HOST")
    if not host:
        return Post(to_console, author, site)
    security = os.environ.get("KEGUAN_SMTP_SECURITY", "starttls")
    if security not in SMTP_PORTS:
        raise Unusable(f"KEGUAN_SMTP_SECURITY 应为 {'、'.join(SMTP_PORTS)} 之一，现为“{security[:20]}”。")
    port = os.environ.get("KEGUAN_SMTP_PORT", SMTP_PORTS[security])
    if not port.isdecimal():
        raise Unusable(f"KEGUAN_SMTP_PORT 应为端口号，现为“{port[:20]}”。")
    user, password = os.environ.get("KEGUAN_SMTP_USER", ""), os.environ.get("KEGUAN_SMTP_PASSWORD", "")
    return Post(SmtpServer(host, int(port), user, password, security).send, author, site)


def _words(variable: str) -> frozenset[str]:
    return frozenset(word.strip() for word in os.environ.get(variable, "").split(",") if word.strip())


def kept_secret(path: Path) -> str:
    """The secret in a file only its owner can read; made on first use, so logins survive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(secret := secrets.token_urlsafe(48))
    return secret
