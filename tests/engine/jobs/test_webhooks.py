"""Events to other systems: signed, once each, tried again, given up, and never into the bureau's own network."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from engine.errors import Forbidden, Unusable
from engine.jobs import outgoing
from engine.jobs.models import Webhook, WebhookDelivery
from engine.jobs.webhooks import MOST_FAILURES, PAUSES, make_webhook, send_due, signature, switch
from tests.worlds import Bureau


class Receiver(ThreadingHTTPServer):
    """A real HTTP server that keeps what it is sent and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer = 204

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.answer)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody's system, listening."""
    with Receiver() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def _hook(world: Bureau, receiver: Receiver, *verbs: str) -> Webhook:
    hook = make_webhook(
        world.session,
        f"http://{receiver.host}/events?from=keguan",
        verbs,
        {receiver.host},
        actor=world.accounts["admin"],
        now=world.now,
    )
    world.session.commit()
    return hook


def _file(world: Bureau) -> None:
    world.open("T3-D1-S1")
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.session.commit()


def test_every_event_of_a_case_is_delivered_once_and_signed(
    world: Bureau, database: Engine, receiver: Receiver
) -> None:
    """The receiver can check the signature with its secret; nobody's name is sent."""
    hook = _hook(world, receiver)
    _file(world)
    assert [send_due(database, {receiver.host}, world.now) for _ in range(2)] == [(2, 0), (0, 0)]

    for headers, body in receiver.got:
        expected = signature(hook.secret, headers["X-Keguan-Timestamp"], body)
        assert headers["X-Keguan-Signature"] == f"v1={expected}"
        assert headers["X-Keguan-Timestamp"] == str(int(world.now.timestamp()))
        assert "示例申报单位" not in body.decode()
    events = [json.loads(body) for _, body in receiver.got]
    assert [event["event"] for event in events] == ["case.start", "case.complete"]
    assert events[1]["case"]["status"] == "awaiting_recommendation"
    assert events[1]["entry"]["role"] == "applicant"


def test_an_address_hears_only_the_events_it_chose(
    world: Bureau, database: Engine, receiver: Receiver
) -> None:
    """And nothing that happened before it was entered."""
    _file(world)
    _hook(world, receiver, "notice")
    world.do("recommend", "recommend")
    world.do("intake", "accept")
    world.session.commit()

    send_due(database, {receiver.host}, world.now)
    assert [headers["X-Keguan-Event"] for headers, _ in receiver.got] == ["case.notice"]


def test_a_failing_address_is_tried_later_and_later(
    world: Bureau, database: Engine, receiver: Receiver
) -> None:
    """Each attempt is in the log with its answer; then the delivery has failed."""
    receiver.answer = 503
    _hook(world, receiver, "start")
    _file(world)

    for pause in (*PAUSES, timedelta(0)):
        assert send_due(database, {receiver.host}, world.now) == (0, 1)
        assert send_due(database, {receiver.host}, world.now) == (0, 0)
        world.now += pause
    row = world.session.exec(select(WebhookDelivery)).one()
    assert (row.status, row.attempts, row.answer, row.error) == (
        "failed",
        len(PAUSES) + 1,
        503,
        "对方返回 503",
    )


def test_it_is_delivered_once_the_other_side_is_back(
    world: Bureau, database: Engine, receiver: Receiver
) -> None:
    """A redirect is no answer, and is not followed."""
    receiver.answer = 302
    _hook(world, receiver, "start")
    _file(world)
    assert send_due(database, {receiver.host}, world.now) == (0, 1)

    receiver.answer = 200
    assert send_due(database, {receiver.host}, world.now + PAUSES[0]) == (1, 0)
    assert len({body for _, body in receiver.got}) == 1


def test_an_address_that_only_fails_is_switched_off(
    world: Bureau, database: Engine, receiver: Receiver
) -> None:
    """With the reason; switched on again it hears of what happens from then on."""
    receiver.answer = 500
    hook = _hook(world, receiver)
    for _ in range(MOST_FAILURES // 2):
        world.open("T3-D1-S1")
        world.open("T3-D1-S1")
    world.session.commit()
    send_due(database, {receiver.host}, world.now)

    world.session.expire_all()
    assert hook.disabled_at is not None
    assert hook.disabled_reason.startswith(f"连续 {MOST_FAILURES} 次推送失败，已自动停用")
    receiver.answer = 200
    switch(world.session, hook.id or 0, on=True, actor=world.accounts["admin"], now=world.now)
    world.session.commit()
    assert send_due(database, {receiver.host}, world.now) == (0, 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.cn/hook",
        "ftp://example.cn/",
        "https://user:secret@example.cn/",
        "https:///nowhere",
        "https://example.cn:port/",
        "not an address",
    ],
)
def test_only_https_to_a_named_host_is_taken(world: Bureau, url: str) -> None:
    """A host inside the network must be trusted by the deployment."""
    with pytest.raises(Unusable):
        make_webhook(world.session, url, (), (), actor=world.accounts["admin"], now=world.now)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "localhost",
        "0.0.0.0",
    ],
)
def test_an_inside_address_is_refused_at_the_moment_of_sending(host: str) -> None:
    """Whatever its name looked like when it was entered."""
    with pytest.raises(Unusable, match="内部网络"):
        outgoing.post(f"https://{host}/", b"{}", {}, ())


def test_the_connection_goes_to_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """A name that would answer differently the second time is not asked a second time."""
    name, asked, real = "hooks.example.cn", [], socket.getaddrinfo

    def answer(host: str, port: int, *more: Any, **named: Any) -> Any:
        if host != name:
            return real(host, port, *more, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    place = f"{name}:{receiver.server_port}"

    assert outgoing.post(f"http://{place}/", b"{}", {}, {place}).status == 204
    assert (asked, receiver.got[0][0]["Host"]) == ([name], place)


def test_only_an_administrator_enters_addresses(world: Bureau) -> None:
    """Events leave the bureau."""
    with pytest.raises(Forbidden):
        make_webhook(
            world.session, "https://example.cn/", (), (), actor=world.accounts["finance"], now=world.now
        )
