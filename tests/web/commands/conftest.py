"""An empty production database, made once and copied for each story."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import db
from web.commands.init import init

PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file `keguan init` makes, with the password from the environment."""
    file = tmp_path_factory.mktemp("init") / "new.sqlite"
    url = f"sqlite:///{file}"
    environment = {"KEGUAN_DATABASE_URL": url, "KEGUAN_ADMIN_PASSWORD": PASSWORD}
    options = ["--login", "chief", "--name", "示例主管"]
    done = CliRunner().invoke(init, options, env=environment, catch_exceptions=False, standalone_mode=False)
    assert "管理员登录名为 chief" in done.output
    db.ready_engine(url).dispose()  # the last connection folds the write-ahead log into the file
    return file


@pytest.fixture
def bureau(initialised: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A copy of it, as the database the commands work on."""
    file = tmp_path / "bureau.sqlite"
    shutil.copyfile(initialised, file)
    url = f"sqlite:///{file}"
    monkeypatch.setenv("KEGUAN_DATABASE_URL", url)
    monkeypatch.setenv("KEGUAN_IDENTITY_KEY", "only for tests")
    return url
