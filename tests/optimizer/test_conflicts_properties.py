"""The joins against two plain loops: every rule applied to every pair, as a reader of the rules would."""

from dataclasses import fields, replace
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.conflicts import Reach, Relations, build
from optimizer.conflicts import relations as facts
from optimizer.identity import Unit
from optimizer.problem import Application, Expert, Force, Mode
from tests.optimizer.conflict_rules import EDGE, World, found_plainly
from tests.optimizer.conflict_worlds import ON, POLICY

WORLDS = settings(max_examples=100, deadline=None)
PEOPLE = [f"p{n}" for n in range(6)]
CODES = [f"U{n}" for n in range(4)]
DAYS = [EDGE - timedelta(1), EDGE, EDGE + timedelta(1), ON - timedelta(1), ON, ON + timedelta(1)]
person, unit, group = st.sampled_from(PEOPLE), st.sampled_from(CODES), st.sampled_from(["", "甲", "乙"])
number = st.integers(0, 2)
span = st.tuples(st.none() | st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS)).map(
    lambda days: (min(days), max(days)) if None not in days else days
)


def rows(kind: Any, *parts: Any) -> Any:
    """Up to three facts; the last part is a span where the fact lasts."""
    flat = lambda got: kind(*[x for one in got for x in (one if isinstance(one, tuple) else (one,))])  # noqa: E731
    return st.lists(st.tuples(*parts).map(flat), max_size=3).map(tuple)


@st.composite
def worlds(draw: Any) -> World:
    """A few of everything, on days around the edges of the windows."""
    apps = [
        Application(
            n,
            1,
            tuple(draw(st.lists(unit, max_size=2, unique=True))),
            tuple(draw(st.lists(person, max_size=2, unique=True))),
            group=draw(group),
        )
        for n in range(3)
    ]
    experts = [
        Expert(f"e{n}", 1, person=draw(person | st.just("")), units=tuple(draw(st.lists(unit, max_size=1))))
        for n in range(3)
    ]
    pair = st.tuples(person, person).filter(lambda two: two[0] != two[1])
    relations = Relations(
        units=tuple(
            Unit(
                c, parent=draw(st.sampled_from(["", "TOP"])), legal_representative=draw(st.just("") | person)
            )
            for c in CODES
        ),
        employment=draw(
            rows(
                facts.Employment,
                person,
                unit,
                span,
                st.sampled_from(facts.Post),
            )
        ),
        kinship=draw(rows(facts.Kinship, pair, st.sampled_from(facts.Degree), st.integers(2, 4))),
        supervision=draw(rows(facts.Supervision, pair)),
        joint_works=draw(
            rows(
                lambda k, a, b, s, u: facts.JointWork(k, "著作", (a, b), s, u),
                st.sampled_from(facts.Work),
                pair,
                span,
            )
        ),
        interests=draw(rows(facts.Interest, person, unit, st.sampled_from(facts.Stake), span)),
        disputes=draw(rows(lambda a, b, s, u: facts.Dispute(a, "案", b, "", s, u), pair, span))
        + draw(rows(lambda p, c, s, u: facts.Dispute(p, "案", "", c, s, u), person, unit, span)),
        guide_works=draw(rows(lambda p, g: facts.GuideWork(p, "指南", (g,) if g else ()), person, group)),
        bid_advice=draw(rows(lambda p, a: facts.BidAdvice(p, a, "咨询"), person, number)),
        office_posts=draw(rows(lambda p, s, u: facts.OfficePost(p, "局", s, u), person, span)),
        avoidances=draw(
            rows(
                facts.Avoidance,
                number,
                person,
                st.sampled_from(["", "由"]),
                st.integers(1, 5),
            )
        ),
        declarations=draw(
            rows(lambda p, a, c: facts.Declaration(p, a, c, "声明", ON), person, number, st.booleans())
        ),
        restrictions=draw(
            rows(lambda p, s, u: facts.Restriction(p, facts.Bar.DISHONEST, "文", s, u), person, span)
        ),
        terms=draw(rows(facts.Term, person, st.sampled_from(DAYS))),
        open_applications=draw(rows(lambda p, g: facts.OpenApplication(p, "外", g), person, group)),
        past_panels=draw(
            rows(
                lambda p, b, u: facts.PastPanel(p, f"组{b}", b, ON, u, "向"), person, st.integers(5, 9), unit
            )
        ),
        establishment=draw(rows(facts.EstablishmentReview, person, number)),
        directions=(facts.GroupDirection("甲", "向"),),
        batch=8,
    )
    policy = replace(
        POLICY,
        own_unit=draw(st.sampled_from([Force.HARD, Force.ABSTAIN])),
        own_unit_approver="某",
        applicant_reach=draw(st.sampled_from(Reach)),
        direction_panels=1,
    )
    return World(tuple(apps), tuple(experts), relations, policy)


@WORLDS
@given(worlds())
def test_joins_find_what_two_plain_loops_find(world: World) -> None:
    """Rule by rule and force by force, on every pair; and what is barred is what was found."""
    found = build(world.applications, world.experts, world.known, world.policy, ON)
    wanted = found_plainly(world)
    assert {(x.application, x.expert, x.rule, x.force) for x in found.exclusions} == wanted
    for mode, forces in ((Mode.LETTER, (Force.HARD, Force.ABSTAIN)), (Mode.PANEL, (Force.HARD,))):
        barred = {(a, e) for a, e, _, force in wanted if force in forces}
        places = zip(*np.nonzero(found.barred(mode)), strict=True)
        assert {(world.applications[i].id, world.experts[j].id) for i, j in places} == barred


@WORLDS
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(world: World, random: Random) -> None:
    """Applications, experts and every relation shuffled: the same exclusions, word for word, pair by pair."""
    every = {f.name: getattr(world.known, f.name) for f in fields(world.known)}
    mixed = Relations(
        **{k: tuple(random.sample(v, len(v))) if isinstance(v, tuple) else v for k, v in every.items()}
    )
    applications = random.sample(world.applications, len(world.applications))
    experts = random.sample(world.experts, len(world.experts))
    one = build(world.applications, world.experts, world.known, world.policy, ON)
    other = build(applications, experts, mixed, world.policy, ON)
    assert one.exclusions == other.exclusions
    pairs = [(a.id, e.id) for a in world.applications for e in world.experts]
    assert tuple(x for pair in pairs for x in other.why(*pair)) == one.exclusions
