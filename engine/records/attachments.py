"""Files of a case (附件): kept by their SHA-256, in versions, judged by what they are and not by their name."""

import hashlib
import os
import tempfile
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import func
from sqlmodel import Session, col, select

from engine import history, policy
from engine.cases.models import CaseFile
from engine.cases.queries import internal
from engine.clock import local_day
from engine.db import ROOT
from engine.errors import NotFound, Refused
from engine.people import permissions
from engine.people.models import Account
from engine.records.models import Attachment
from engine.records.sniffing import ending_of, kind_of

MEGABYTE = 1024 * 1024
LONGEST_NAME = 120
DEFAULT_FOLDER = ROOT / "var" / "attachments"


@dataclass(frozen=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


def attach(
    session: Session,
    case: CaseFile,
    upload: Upload,
    *,
    folder: Path,
    actor: Account,
    now: datetime,
    purpose: str = "material",
    hidden: bool = False,
    note: str = "",
    on_behalf_of: str | None = None,
) -> Attachment:
    """Keep a file with its case; a file of the same name is its next version.

    Only the bureau's files may be `hidden` from the unit. Raises Forbidden for a stranger to the case, Refused
    for a type or size the policy does not allow, and for a file the case has already.
    """
    permissions.may_attach(actor, case.unit_id, case.recommender_id).require()
    session.get(CaseFile, case.id, with_for_update=True)  # versions of one case are counted one after another
    name = safe_name(upload.name)
    kind = _allowed_kind(session, case, name, upload.content, now)
    before = newest_version(session, case.id, name)
    digest = keep(folder, upload.content)
    if before is not None and before.sha256 == digest:
        raise Refused(f"“{name}”与已有的第 {before.version} 版完全相同，无需再次上传。")
    row = Attachment(
        case_id=case.id or 0,
        name=name,
        version=(before.version if before else 0) + 1,
        sha256=digest,
        size=len(upload.content),
        kind=kind,
        purpose=purpose,
        internal=hidden and internal(actor),
        note=note.strip(),
        by=actor.login,
        on_behalf_of=on_behalf_of,
        at=now,
    )
    session.add(row)
    session.flush()
    _record(session, row, actor, now)
    return row


def _record(session: Session, row: Attachment, actor: Account, now: datetime) -> None:
    about = f"：{row.note}" if row.note else ""
    history.record(
        session,
        f"case:{row.case_id}",
        at=now,
        actor=actor.login,
        verb="attach",
        summary=f"上传附件“{row.name}”第 {row.version} 版{about}",
        payload={"attachment": row.id, "sha256": row.sha256, "size": row.size, "internal": row.internal},
        on_behalf_of=row.on_behalf_of,
    )


def _allowed_kind(session: Session, case: CaseFile, name: str, content: bytes, now: datetime) -> str:
    today = local_day(now)
    largest = int(policy.value(session, "attachment_max_mb", today))
    allowed: list[str] = policy.value(session, "attachment_types", today)
    if not content:
        raise Refused(f"“{name}”是空文件；请重新选择。")
    if len(content) > largest * MEGABYTE:
        raise Refused(f"“{name}”超过 {largest} MB；请压缩或分拆后上传。")
    kind = kind_of(content)
    if kind not in allowed:
        raise Refused(
            f"“{name}”的内容不是可接收的类型（{'、'.join(allowed)}）；请转换后上传，不收带宏的文件。"
        )
    if ending_of(name) != kind:
        raise Refused(f"“{name}”的内容是 {kind}，与文件名不符；请把文件名的后缀改为 .{kind} 后上传。")
    most = int(policy.value(session, "attachments_per_case", today))
    count = session.exec(select(func.count()).where(Attachment.case_id == case.id)).one()
    if count >= most:
        raise Refused(f"本项目的附件已达 {most} 个（含历次版本）；请合并材料后上传。")
    return kind


def safe_name(name: str) -> str:
    """The last part of a file's name without control characters; Refused when nothing is left."""
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(one for one in unicodedata.normalize("NFC", last) if one.isprintable()).strip(" .")
    if not printable:
        raise Refused("文件没有名称；请重新选择。")
    stem, dot, ending = printable.rpartition(".")
    return printable if len(printable) <= LONGEST_NAME else stem[: LONGEST_NAME - 10] + dot + ending[:9]


def keep(folder: Path, content: bytes) -> str:
    """Write the content under its SHA-256 unless it is there; complete or not at all."""
    digest = hashlib.sha256(content).hexdigest()
    place = _place(folder, digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(unfinished).replace(place)
    return digest


def content_of(folder: Path, row: Attachment) -> bytes:
    """The bytes of an attachment; NotFound when they are gone or are no longer what was uploaded."""
    place = _place(folder, row.sha256)
    content = place.read_bytes() if place.exists() else b""
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise NotFound(f"附件“{row.name}”第 {row.version} 版的文件缺失或已损坏；请告知管理员从备份恢复。")
    return content


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


def newest_version(session: Session, case_id: int | None, name: str) -> Attachment | None:
    """The newest version of a file by its name."""
    statement = (
        select(Attachment)
        .where(Attachment.case_id == case_id, Attachment.name == name)
        .order_by(col(Attachment.version).desc())
        .limit(1)
    )
    return session.exec(statement).first()


def same_as(session: Session, case_id: int | None, upload: Upload) -> Attachment | None:
    """The scan the case has already, where this is the same: one paper may stand for several steps."""
    statement = select(Attachment).where(
        Attachment.case_id == case_id,
        Attachment.purpose == "scan",
        Attachment.sha256 == hashlib.sha256(upload.content).hexdigest(),
    )
    return session.exec(statement.order_by(col(Attachment.id)).limit(1)).first()


def attachments_of(session: Session, case_id: int, account: Account) -> list[Attachment]:
    """The files of a case this account may open, every version, by name and the newest version first."""
    statement = (
        select(Attachment)
        .where(Attachment.case_id == case_id)
        .order_by(col(Attachment.name), col(Attachment.version).desc())
    )
    inside = internal(account)
    return [row for row in session.exec(statement) if inside or not row.internal]
