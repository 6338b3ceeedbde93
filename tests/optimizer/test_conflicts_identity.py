"""Who is who: what is certain is one person, what is only likely is to be declared, what is unknown is not clear."""

from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest
from scipy.sparse import csr_array

from optimizer.conflicts import build
from optimizer.conflicts import relations as facts
from optimizer.errors import ProblemError
from optimizer.identity import Likely, Merge, PersonRecord, Unit, merge_accounts, resolve, resolve_units
from optimizer.problem import Application, Exclusion, Expert, Force, Mode, Problem
from optimizer.solve import solve
from tests.optimizer.conflict_worlds import CLEAR, E1, ON, P1, P2, PEOPLE, POLICY


def test_records_with_one_key_are_one_person():
    """The keyed hash of the identity number decides, whatever the names say."""
    who = resolve([PersonRecord("b", "张 明", "k1"), PersonRecord("a", "Zhang Ming", "k1", "U", 1980)])
    assert (who.person("b"), who.person("k1"), who.name("a")) == ("a", "a", "Zhang Ming")
    assert who.merges == (Merge("a", ("a", "b"), "身份标识相同"),)


def test_without_a_key_name_unit_and_birth_year_together_decide():
    """All three must be known and equal; spaces and width do not count."""
    who = resolve([PersonRecord("a", "张明", "k1", "u1", 1980), PersonRecord("b", "张　明", "", "Ｕ1", 1980)])
    assert who.merges == (Merge("a", ("a", "b"), "姓名、单位、出生年均相同"),)
    assert who.unkeyed == frozenset()


def test_two_people_alike_in_everything_are_told_apart_by_their_keys():
    """A third record like both follows neither: it is likely either and to be declared."""
    twins = [PersonRecord(one, "张明", key, "U1", 1980) for one, key in (("a", "k1"), ("b", "k2"), ("c", ""))]
    who = resolve(twins)
    assert who.merges == ()
    assert who.likely == (
        Likely("a", "c", "姓名、出生年、单位相同"),
        Likely("b", "c", "姓名、出生年、单位相同"),
    )


@pytest.mark.parametrize(
    ("other", "likely"),
    [
        (PersonRecord("b", "张明", "", "U1"), True),  # same unit, year unknown
        (PersonRecord("b", "张明", "", "U2", 1980), True),  # same year, another unit
        (PersonRecord("b", "张明", "", "U1", 1981), False),  # another year of birth
        (PersonRecord("b", "张明", "k2", "U1"), False),  # another key
        (PersonRecord("b", "张明", "", "U2"), False),  # nothing but a common name
    ],
)
def test_what_agrees_in_part_is_likely_and_never_merged(other, likely):
    """Agreement in unit or year makes a likeness; a contradiction ends it."""
    who = resolve([PersonRecord("a", "张明", "k1", "U1", 1980), other])
    assert (bool(who.likely), who.merges) == (likely, ())


def test_the_order_of_records_does_not_matter():
    """Identities are the same whatever order the accounts come in."""
    records = [
        PersonRecord(f"r{n}", f"名{n % 5}", f"k{n % 11}" if n % 3 else "", f"U{n % 4}", 1970 + n % 3)
        for n in range(60)
    ]
    shuffled = Random(3).sample(records, len(records))
    assert resolve(records) == resolve(shuffled)


def test_one_id_for_two_people_is_refused():
    """A record id must be unique, and no person's key may be another's id."""
    with pytest.raises(ProblemError, match="unique"):
        resolve([PersonRecord("a", "张"), PersonRecord("a", "李")])
    with pytest.raises(ProblemError, match="key"):
        resolve([PersonRecord("a", "张"), PersonRecord("b", "李", "a")])
    with pytest.raises(ProblemError, match="keep one"):
        resolve_units([Unit("U1", "甲"), Unit("u1", "乙")])


def test_a_conflict_of_one_account_is_a_conflict_of_the_person():
    """The second account of the same person is excluded by a unit only the first one registered."""
    people = (*PEOPLE, PersonRecord("zhang2", "张明", "k-zhang"))
    first, second = replace(E1, units=("BIDDER",)), Expert("E2", 5, person="zhang2")
    found = build((P1, P2), (second, first), replace(CLEAR, people=people), POLICY, ON)
    assert found.why("P1", "E1")[0].rule == found.why("P1", "E2")[0].rule == "R01"
    assert found.barred(Mode.LETTER).all()


def test_an_expert_who_is_likely_an_applicant_must_declare():
    """Same name and unit, year unknown: the whole group is to be declared, nobody is barred, both are named."""
    people = (*PEOPLE, PersonRecord("e-zhang", "张明", "", "HOME"))
    bid = replace(P1, people=("li", "e-zhang"))
    found = build((bid, P2), (E1,), replace(CLEAR, people=people), POLICY, ON)
    evidence = (
        "专家张明在同一评审组申报或参加了项目P1“智能焊接”"
        "（张明〔e-zhang〕与张明〔zhang〕姓名、单位相同，疑似同一人，待声明）"
    )
    assert found.why("P2", "E1") == (Exclusion("P2", "E1", "R07", evidence, Force.DECLARE),)
    assert not found.barred(Mode.LETTER).any()


def test_what_is_known_of_a_likeness_is_to_be_declared():
    """A co-author who is only likely the expert makes no conflict, but a declaration."""
    people = (*PEOPLE, PersonRecord("author", "张明", "", "HOME"))
    paper = facts.JointWork(facts.Work.PAPER, "熔池视觉", ("author", "li"), until=date(2026, 1, 5))
    found = build((P1,), (E1,), replace(CLEAR, people=people, joint_works=(paper,)), POLICY, ON)
    assert [(one.rule, one.force) for one in found.exclusions] == [("R06", Force.DECLARE)]
    assert "疑似同一人" in found.exclusions[0].evidence


def test_a_history_that_begins_inside_the_window_is_unknown_before():
    """Rule 2: where somebody worked three years ago must be known, or declared."""
    short = replace(CLEAR, employment=(facts.Employment("zhang", "HOME", date(2023, 9, 2)),))
    evidence = "专家张明的任职经历最早记于2023年9月2日，2023年9月1日以来的任职情况不全，待声明"
    assert build((P1,), (E1,), short, POLICY, ON).exclusions == (
        Exclusion("P1", "E1", "R02", evidence, Force.DECLARE),
    )


def test_a_past_unit_without_a_date_is_to_be_declared():
    """Rule 2: when the expert left is not known."""
    found = build((P1,), (replace(E1, past_units=("OTHER",)),), CLEAR, POLICY, ON)
    evidence = "专家张明曾任职于丙公司，离职日期不详，丙公司是项目P1“智能焊接”的参与单位，待声明"
    assert found.exclusions == (Exclusion("P1", "E1", "R02", evidence, Force.DECLARE),)


def test_an_application_of_unknown_people_and_units_is_to_be_declared():
    """Nobody can be cleared of relations with the unknown; nor with a member without an identity number."""
    blank = Application("P0", 3, group="一组")
    found = build((blank,), (E1,), CLEAR, POLICY, ON)
    assert [(one.rule, one.evidence) for one in found.exclusions] == [
        ("R01", "项目P0未登记申报单位，待声明"),
        ("R13", "项目P0未登记负责人和成员，与专家的关系无法核对，待声明"),
    ]
    people = tuple(replace(one, key="") if one.id == "wu" else one for one in PEOPLE)
    vague = build((P1,), (E1,), replace(CLEAR, people=people), POLICY, ON)
    assert [one.evidence for one in vague.exclusions] == [
        "项目P1“智能焊接”的成员吴芳未登记身份标识，与专家的关系无法核对，待声明"
    ]


def test_a_signed_declaration_of_no_conflict_clears_what_was_unknown_and_nothing_else():
    """The declaration answers for its own application; hard conflicts stand."""
    declared = (facts.Declaration("zhang", "P1", False, "无利害关系", ON),)
    spells = (facts.Employment("zhang", "OTHER", date(2024, 1, 1), date(2025, 1, 1)),)
    known = replace(CLEAR, employment=spells, declarations=declared)
    found = build((P2, P1), (E1,), known, POLICY, ON)
    assert [(one.rule, one.force) for one in found.why("P1", "E1")] == [("R02", Force.HARD)]
    assert found.to_declare().tolist() == [[True], [False]]


def test_two_accounts_become_one_expert():
    """Merged for the solver: lower cap, all units, conflicts of both."""
    problem = Problem(
        (Application("P1", 1),),
        (
            Expert("b", 3, person="k", units=("U1",)),
            Expert("a", 2, person="k", units=("U2",)),
            Expert("c", 9),
        ),
        np.array([[0.2, 0.7, 0.1]]),
        exclusions=(Exclusion("P1", "b", "R05", "…"),),
    )
    merged = merge_accounts(problem)
    assert merged.experts == (Expert("a", 2, person="k", units=("U2", "U1")), Expert("c", 9))
    assert merged.exclusions == (Exclusion("P1", "a", "R05", "…"),)
    assert merged.scores.tolist() == [[0.7, 0.1]]


def test_a_person_has_the_score_of_the_better_account_with_its_parts():
    """The parts shown are those of one score, so that they add up to it."""
    problem = Problem(
        (Application("a", 1),),
        (Expert("e", 1, person="p"), Expert("f", 1, person="p")),
        np.array([[0.5, 0.75]]),
        parts={"domain": np.array([[0.5, 0.25]]), "text": np.array([[0.0, 0.5]])},
    )
    merged = merge_accounts(problem)
    assert (merged.scores.tolist(), {k: v.tolist() for k, v in merged.parts.items()}) == (
        [[0.75]],
        {"domain": [[0.25]], "text": [[0.5]]},
    )


def test_listed_scores_of_two_accounts_become_the_best_of_them():
    """Where only some pairs are listed, a person keeps every pair an account lists, a listed zero too."""
    listed = csr_array(([0.4, 0.9, 0.0], ([0, 0, 1], [0, 1, 2])), shape=(2, 3))
    experts = (Expert("a", 1, person="k"), Expert("b", 1, person="k"), Expert("c", 1))
    merged = merge_accounts(Problem((Application("P1", 1), Application("P2", 1)), experts, listed))
    assert merged.scores.toarray().tolist() == [[0.9, 0.0], [0.0, 0.0]]
    assert (merged.scores.indptr.tolist(), merged.scores.indices.tolist()) == ([0, 1, 2], [0, 1])


def test_no_conflict_is_ever_assigned():
    """Built from relations, handed to the solver, the person in conflict is left out under every account."""
    people = (*PEOPLE, PersonRecord("zhang2", "张明", "k-zhang"), PersonRecord("sun", "孙静", "k-sun"))
    experts = (E1, Expert("E2", 5, person="zhang2", units=("BIDDER",)), Expert("E3", 5, person="sun"))
    one_seat = replace(P1, seats=1)
    found = build((one_seat,), experts, replace(CLEAR, people=people), POLICY, ON)
    result = solve(
        Problem(
            (one_seat,), experts, np.array([[0.9, 0.8, 0.1]]), found.barred(Mode.LETTER), found.exclusions
        )
    )
    assert result.pairs == (("P1", "E3"),)
