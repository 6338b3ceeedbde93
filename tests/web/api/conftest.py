"""The API on a small bureau: a caller for each role, with a token of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from engine.clock import SimulatedClock
from engine.people import tokens
from tests.worlds import Bureau
from web.app import create_app
from web.settings import Settings


@pytest.fixture
def template() -> str:
    """A bureau ready to take applications."""
    return "bureau"


@dataclass(frozen=True)
class Caller:
    """A program with somebody's token."""

    client: FlaskClient
    token: str

    def get(self, path: str, **query: Any) -> TestResponse:
        """A GET below /api/v1."""
        return self.client.get(f"/api/v1{path}", query_string=query, headers=self._headers({}))

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """A POST below /api/v1; a header's _ is a -."""
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers(headers))

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}", **named}


@pytest.fixture
def api(world: Bureau, database: Engine, tmp_path: Path) -> Flask:
    """The application, with the forged-form check on: the API must not need its token."""
    app = create_app(
        database, Settings(secret_key="for tests only", attachments=tmp_path), clock=SimulatedClock(world.now)
    )
    app.config.update(TESTING=True)
    return app


@pytest.fixture
def call(api: Flask, world: Bureau) -> Callable[[str], Caller]:
    """A caller by role."""

    def of(login: str) -> Caller:
        account = world.accounts[login]
        _, token = tokens.make_token(world.session, account, "测试", actor=account, now=world.now)
        world.session.commit()
        return Caller(api.test_client(), token)

    return of
