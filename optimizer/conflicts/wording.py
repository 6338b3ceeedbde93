"""The evidence in words (回避依据): who, which unit, from when to when, which paper."""

from datetime import date

from optimizer.conflicts.ground import ROLES, TEAM, Ground
from optimizer.conflicts.joins import Column
from optimizer.problem import Application, Expert

SHOWN = 3  # applications named in one sentence before "等n项"


def day(one: date) -> str:
    """2024年3月1日."""
    return f"{one.year}年{one.month}月{one.day}日"


def span(since: date | None, until: date | None) -> str:
    """From when to when, saying what is not known."""
    begin = day(since) if since else "起始日不详，"
    return f"{begin}至{day(until) if until else '今'}"


def expert(one: Expert, ground: Ground) -> str:
    """专家 and the name, or the id where no name is known."""
    name = ground.identity.names.get(ground.identity.person(one.person)) if one.person else ""
    return f"专家{name or one.id}"


def application(one: Application) -> str:
    """项目, its id and title."""
    return f"项目{one.id}“{one.title}”" if one.title else f"项目{one.id}"


def several(ground: Ground, rows: list[int]) -> str:
    """A list of applications, shortened."""
    named = "、".join(application(ground.applications[row]) for row in rows[:SHOWN])
    return named if len(rows) <= SHOWN else f"{named}等{len(rows)}项"


def judge(ground: Ground, x: int) -> str:
    """The expert of a link."""
    return expert(ground.experts[ground.judges.row[x]], ground)


def applicant(ground: Ground, y: int) -> str:
    """The application and the person of a link, with the role."""
    links = ground.applicants
    name = ground.identity.name(ground.person_ids[links.person[y]])
    return f"{application(ground.applications[links.row[y]])}的{ROLES[links.role[y]]}{name}"


def applicants(ground: Ground, links: Column) -> str:
    """The application of these links and everybody of them, by role: 负责人甲，成员乙、丙."""
    people = ground.applicants
    by_role: dict[int, list[str]] = {}
    for y in sorted(links.tolist(), key=lambda y: people.role[y]):
        name = ground.identity.name(ground.person_ids[people.person[y]])
        by_role.setdefault(int(people.role[y]), []).append(name)
    told = "，".join(f"{ROLES[role]}{'、'.join(names)}" for role, names in by_role.items())
    return f"{application(ground.applications[people.row[links[0]]])}的{told}"


def tie(ground: Ground, unit: int, claim: int) -> str:
    """How a unit and a unit that applies are the same, itself or through the group."""
    claims = ground.claims
    place = claims.place[claim]
    role = "成员所在单位" if place == TEAM else "参与单位" if place else "牵头单位"
    where = f"{application(ground.applications[claims.row[claim]])}的{role}"
    own, theirs = ground.unit_codes[unit], ground.unit_codes[claims.unit[claim]]
    if own == theirs:
        return f"{ground.units.name(own)}是{where}"
    root = ground.units.name(ground.unit_codes[claims.root[claim]])
    return f"{ground.units.name(own)}与{where}{ground.units.name(theirs)}同属{root}"


def doubts(ground: Ground, *likely: int) -> str:
    """Whether those the sentence takes for one person certainly are."""
    said = [ground.identity.likely[one] for one in dict.fromkeys(likely) if one >= 0]
    return "".join(
        f"（{ground.identity.name(d.one)}〔{d.one}〕与{ground.identity.name(d.other)}〔{d.other}〕{d.ground}，疑似同一人，待声明）"
        for d in said
    )
