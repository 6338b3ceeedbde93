"""Telling other systems what happens to cases (事件推送): signed, tried again later, logged, given up in the end.

An event is a line of a case's history. A delivery is made for each once; it is sent until it is answered with 2xx
or its attempts are used up. An address that only fails is switched off, with the reason.

The signature is HMAC-SHA256 over "<timestamp>.<body>" with the address's secret, in `X-Keguan-Signature` as
`v1=<hex>`; the timestamp is in `X-Keguan-Timestamp` (seconds), so that an old request cannot be sent again.
"""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from sqlalchemy import Engine, exists, update
from sqlmodel import Session, col, func, select

from engine import db, history
from engine.cases.models import CaseFile
from engine.errors import Conflict, KeguanError, NotFound, Unusable
from engine.history import HistoryEntry
from engine.jobs.models import Webhook, WebhookDelivery
from engine.jobs.outgoing import check_address, post
from engine.people.models import Account
from engine.people.permissions import may_administer

LOG = logging.getLogger(__name__)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""How long to wait after each attempt that failed."""
MOST_FAILURES = 20
"""Failed attempts in a row after which an address is switched off."""
LEASE = timedelta(minutes=5)
SETTLED = timedelta(minutes=10)
"""How long after its moment an entry may still appear, written by a transaction that took its time."""
MOST_AT_ONCE = 200
CASES = "case:"
CHAIN = "webhooks"
VERBS = {
    "start": "立卷",
    "import": "导入存量项目",
    "complete": "办理",
    "message": "收到轮次结果",
    "timer": "期限届满",
    "notice": "发出通知",
    "compute": "核定应拨金额",
    "commit": "立项承诺",
    "pay": "拨付",
    "clawback": "退款",
}
"""The events an address may choose; every other line of a case's history goes to those that chose none."""


def make_webhook(
    session: Session,
    url: str,
    verbs: Sequence[str],
    trusted: Collection[str],
    *,
    actor: Account,
    now: datetime,
) -> Webhook:
    """A new address, told of what happens from now on; its secret is shown once by the caller."""
    may_administer(actor).require()
    check_address(url, trusted)
    strangers = [verb for verb in verbs if verb not in VERBS]
    if strangers:
        raise Unusable(f"没有“{strangers[0][:40]}”这种事件；请从列表中选择。")
    if session.exec(select(Webhook.id).where(Webhook.url == url)).first() is not None:
        raise Conflict("这个地址已在推送列表中；请先删除原来的。")
    newest = session.exec(select(func.max(HistoryEntry.id))).one() or 0
    row = Webhook(
        url=url,
        secret=secrets.token_urlsafe(32),
        verbs=list(verbs),
        position=newest,
        made_at=now,
        made_by=actor.login,
    )
    session.add(row)
    session.flush()
    _note(session, actor.login, now, "webhook_made", f"增加推送地址 {url}")
    return row


def switch(session: Session, webhook_id: int, *, on: bool, actor: Account, now: datetime) -> Webhook:
    """Switch an address off, or on again; what happened in between is not delivered."""
    may_administer(actor).require()
    row = session.get(Webhook, webhook_id)
    if row is None:
        raise NotFound(f"没有编号为 {webhook_id} 的推送地址。")
    if on:
        row.position = session.exec(select(func.max(HistoryEntry.id))).one() or 0
        row.failures, row.disabled_at, row.disabled_reason = 0, None, ""
    else:
        row.disabled_at, row.disabled_reason = now, f"由{actor.name}停用"
    _note(session, actor.login, now, "webhook_switched", f"{'启用' if on else '停用'}推送地址 {row.url}")
    return row


def gather(session: Session, now: datetime) -> int:
    """Make the deliveries of every event nobody has one for yet; returns how many."""
    hooks = session.exec(select(Webhook).where(col(Webhook.disabled_at).is_(None))).all()
    return sum(_gather_for(session, hook, now) for hook in hooks)


def _gather_for(session: Session, hook: Webhook, now: datetime) -> int:
    has_one = exists().where(
        col(WebhookDelivery.webhook_id) == hook.id, col(WebhookDelivery.entry_id) == col(HistoryEntry.id)
    )
    statement = (
        select(HistoryEntry)
        .where(col(HistoryEntry.id) > hook.position, col(HistoryEntry.chain).startswith(CASES), ~has_one)
        .order_by(col(HistoryEntry.id))
        .limit(MOST_AT_ONCE)
    )
    if hook.verbs:
        statement = statement.where(col(HistoryEntry.verb).in_(hook.verbs))
    found = session.exec(statement).all()
    session.add_all(_delivery(session, hook, entry, now) for entry in found)
    if len(found) < MOST_AT_ONCE:
        settled = select(func.max(HistoryEntry.id)).where(HistoryEntry.at < now - SETTLED)
        hook.position = max(hook.position, session.exec(settled).one() or 0)
    session.flush()
    return len(found)


def _delivery(session: Session, hook: Webhook, entry: HistoryEntry, now: datetime) -> WebhookDelivery:
    case = session.get(CaseFile, int(entry.chain.removeprefix(CASES)))
    return WebhookDelivery(
        webhook_id=hook.id or 0,
        entry_id=entry.id or 0,
        verb=entry.verb,
        payload=event_of(entry, case),
        next_at=now,
        made_at=now,
    )


def event_of(entry: HistoryEntry, case: CaseFile | None) -> dict[str, Any]:
    """What an event says. Nobody is named in it: who acted is a role."""
    return {
        "id": entry.id,
        "event": f"case.{entry.verb}",
        "at": entry.at.isoformat(),
        "case": None
        if case is None
        else {
            "id": case.id,
            "number": case.number,
            "title": case.title,
            "direction": case.direction_code,
            "status": case.status,
        },
        "entry": {
            "seq": entry.seq,
            "verb": entry.verb,
            "element": entry.element,
            "role": entry.actor_role,
            "hash": entry.hash,
        },
    }


def send_due(engine: Engine, trusted: Collection[str], now: datetime) -> tuple[int, int]:
    """Make the deliveries, then try those whose time has come; returns how many were taken and how many failed."""
    with db.writing(engine) as session:
        gather(session, now)
    with db.reading(engine) as session:
        statement = (
            select(WebhookDelivery.id)
            .join(Webhook, col(Webhook.id) == WebhookDelivery.webhook_id)
            .where(
                WebhookDelivery.status == "pending",
                col(WebhookDelivery.next_at) <= now,
                col(Webhook.disabled_at).is_(None),
            )
        )
        due = session.exec(statement.order_by(col(WebhookDelivery.id)).limit(MOST_AT_ONCE)).all()
    results = [_send_one(engine, key, trusted, now) for key in due if key is not None]
    return results.count(True), results.count(False)


def _send_one(engine: Engine, key: int, trusted: Collection[str], now: datetime) -> bool | None:
    """True taken, False failed, None when another server has it in hand or the address is off by now."""
    with db.writing(engine) as session:
        claim = (
            update(WebhookDelivery)
            .where(
                col(WebhookDelivery.id) == key,
                col(WebhookDelivery.status) == "pending",
                col(WebhookDelivery.next_at) <= now,
            )
            .values(next_at=now + LEASE, attempts=WebhookDelivery.attempts + 1)
        )
        if session.exec(claim).rowcount != 1:
            return None
        delivery = session.get_one(WebhookDelivery, key)
        hook = session.get_one(Webhook, delivery.webhook_id)
        if hook.disabled_at is not None:
            delivery.next_at, delivery.attempts = now, delivery.attempts - 1
            return None
        body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = headers_of(hook.secret, delivery, body, now)
        url = hook.url
    status, problem = _try(url, body, headers, trusted)
    taken = problem == ""
    with db.writing(engine) as session:
        _settle(session, key, status, problem, now)
    return taken


def _try(
    url: str, body: bytes, headers: Mapping[str, str], trusted: Collection[str]
) -> tuple[int | None, str]:
    """The other side's status, and what went wrong; '' when nothing did."""
    try:
        status = post(url, body, headers, trusted).status
    except (OSError, HTTPException, KeguanError) as problem:
        return None, str(problem) or type(problem).__name__
    return status, "" if 200 <= status < 300 else f"对方返回 {status}"


def headers_of(secret: str, delivery: WebhookDelivery, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of one attempt, its signature among them."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Keguan-Webhook/1",
        "X-Keguan-Event": f"case.{delivery.verb}",
        "X-Keguan-Delivery": str(delivery.id),
        "X-Keguan-Timestamp": timestamp,
        "X-Keguan-Signature": f"v1={signature(secret, timestamp, body)}",
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp and body, in hex."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _settle(session: Session, key: int, status: int | None, problem: str, now: datetime) -> None:
    delivery = session.get_one(WebhookDelivery, key)
    hook = session.get_one(Webhook, delivery.webhook_id)
    delivery.answer, delivery.error = status, problem[:500]
    if not problem:
        delivery.status, delivery.delivered_at, hook.failures = "delivered", now, 0
        return
    LOG.warning("推送 %s 到 %s 未成功：%s", key, hook.url, problem)
    hook.failures += 1
    if delivery.attempts > len(PAUSES):
        delivery.status = "failed"
    else:
        delivery.next_at = now + PAUSES[delivery.attempts - 1]
    if hook.failures >= MOST_FAILURES and hook.disabled_at is None:
        hook.disabled_at = now
        hook.disabled_reason = f"连续 {hook.failures} 次推送失败，已自动停用；最后一次：{problem[:200]}"
        _note(session, history.SYSTEM, now, "webhook_switched", f"自动停用推送地址 {hook.url}")


def _note(session: Session, by: str, now: datetime, verb: str, summary: str) -> None:
    history.record(session, CHAIN, at=now, actor=by, verb=verb, summary=summary)
