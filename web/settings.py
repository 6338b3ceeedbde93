"""What a deployment may choose, read from the environment once."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from engine.db import ROOT

SECRET_FILE = ROOT / "var" / "secret-key"


@dataclass(frozen=True)
class Settings:
    """`secret_key` signs the session cookie; `https` marks it Secure; `largest_request` is in bytes."""

    secret_key: str = field(repr=False)
    https: bool = False
    session_lifetime: timedelta = timedelta(hours=12)
    largest_request: int = 16 * 1024 * 1024


IDENTITY_FILE = ROOT / "var" / "identity-key"


def identity_key() -> bytes:
    """What identity numbers are hashed with: `KEGUAN_IDENTITY_KEY`, else a key made once under `var/`.

    It must stay the same for as long as the database lives, or one person becomes two.
    """
    return (os.environ.get("KEGUAN_IDENTITY_KEY") or kept_secret(IDENTITY_FILE)).encode()


def from_environment() -> Settings:
    """`KEGUAN_SECRET_KEY` (else a key made once under `var/`) and `KEGUAN_HTTPS=1` behind a TLS proxy."""
    return Settings(
        secret_key=os.environ.get("KEGUAN_SECRET_KEY") or kept_secret(SECRET_FILE),
        https=os.environ.get("KEGUAN_HTTPS") == "1",
    )


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
