"""What the editor asks while somebody draws: findings, proofs, and the words a diagram may use.

The findings are those of `keguan bpmn check`, the proofs those of `keguan bpmn prove`; only the files around
the draft differ: here they are the ones in force in this bureau.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engine import assembly, policy
from engine.bpmn import profile, proof
from engine.bpmn.profile import Finding
from engine.bpmn.proof import Proof
from engine.cases.names import CASE_NAMES
from engine.change.drafts import live_files, read_kept
from engine.clock import local_day
from engine.people.models import Account
from engine.people.roles import role_label
from engine.policy import Policy
from engine.procedures import versions
from engine.vocabulary import Role


@dataclass(frozen=True)
class Vocabulary:
    """The words a diagram may use: lanes, forms (key, Chinese, English), named actions, names in expressions."""

    lanes: tuple[str, ...]
    forms: tuple[tuple[str, str, str], ...]
    actions: tuple[str, ...]
    names: tuple[tuple[str, str], ...]


def vocabulary(session: Session, now: datetime) -> Vocabulary:
    """For the editor's drop-downs and completions; a bureau's own roles are lanes too."""
    roles = {role for row in session.exec(select(Account.roles)) for role in row}
    lanes = [role.zh for role in Role if role not in (Role.ADMIN, Role.SUPERVISION)]
    own = sorted(role_label(role) for role in roles if role not in set(Role))
    titles = dict(
        session.exec(select(col(Policy.key), col(Policy.title)).order_by(col(Policy.version))).all()
    )
    names = {key: titles[key] for key in sorted(policy.values(session, local_day(now)))}
    return Vocabulary(
        lanes=(*lanes, *own),
        forms=tuple((spec.key, spec.title, spec.title_en) for spec in assembly.FORMS.values()),
        actions=tuple(sorted(assembly.ACTIONS)),
        names=(*((key, "由项目确定的日期") for key in CASE_NAMES), *names.items()),
    )


def check_text(session: Session, files: Mapping[str, bytes], now: datetime) -> list[Finding]:
    """Why these texts may not be published; empty when they may. Never raises for what a file contains."""
    live = live_files(session, now)
    found = profile.check(files, live)
    if found:
        return found
    names = set(policy.values(session, local_day(now))) | CASE_NAMES.keys()
    return profile.check(files, live, assembly.ACTIONS, forms=assembly.FORMS, names=names)


def prove_files(session: Session, files: Mapping[str, bytes], now: datetime) -> list[Proof]:
    """The proofs of these files, of every file between them and a procedure, and of the procedures.

    A part is proved by itself and again inside each procedure that calls it: what it does there is what counts.
    """
    live = live_files(session, now)
    together = {**live, **files}
    concerned = {
        name
        for key in affected_keys(session, files, now)
        for name in between(versions.closure(together, key), files)
    }
    chosen = {name: together[name] for name in sorted(concerned | set(files)) if _has_process(together[name])}
    return proof.prove(chosen, together)


def _has_process(content: bytes) -> bool:
    return bool(read_kept(content, "").processes)


def affected_keys(session: Session, files: Mapping[str, bytes], now: datetime) -> list[str]:
    """The procedures whose closure these files change: those that would get a new version."""
    live = live_files(session, now)
    together = {**live, **files}
    started = list(dict.fromkeys([*versions.keys(session), *_own_procedures(live, files)]))
    before = {key: versions.hash_of(versions.closure(live, key), key) for key in started if _known(live, key)}
    return [
        key for key in started if versions.hash_of(versions.closure(together, key), key) != before.get(key)
    ]


def _own_procedures(live: Mapping[str, bytes], files: Mapping[str, bytes]) -> Iterable[str]:
    """Processes of the files that are nowhere in force yet and nobody calls: new procedures."""
    known = {process.id for content in live.values() for process in read_kept(content, "").processes}
    given = {process.id for content in files.values() for process in read_kept(content, "").processes}
    called = {
        element.called
        for content in {**live, **files}.values()
        for process in read_kept(content, "").processes
        for element in process.elements.values()
    }
    return sorted(given - known - called)


def _known(files: Mapping[str, bytes], key: str) -> bool:
    return any(
        process.id == key for content in files.values() for process in read_kept(content, "").processes
    )


def between(closure: Mapping[str, bytes], files: Mapping[str, bytes]) -> set[str]:
    """The files of a closure that hold, or call, directly or not, something of `files`."""
    uses = {name: _uses(content) for name, content in closure.items()}
    homes = {key: name for name, content in closure.items() for key in _defines(content)}
    found = set(closure) & set(files)
    while True:
        more = {name for name in closure if any(homes.get(key) in found for key in uses[name])} - found
        if not more:
            return found
        found |= more


def _uses(content: bytes) -> set[str]:
    elements = [
        element for process in read_kept(content, "").processes for element in process.elements.values()
    ]
    return {key for element in elements for key in (element.called, element.decision) if key}


def _defines(content: bytes) -> set[str]:
    diagram = read_kept(content, "")
    return {process.id for process in diagram.processes} | {decision.id for decision in diagram.decisions}
