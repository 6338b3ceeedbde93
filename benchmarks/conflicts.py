"""Conflict building at national size: 6,000 applications x 2,800 experts with relations as dense as real ones.

python -m benchmarks.conflicts
"""

import resource
import time
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from random import Random

from benchmarks.timing import report
from optimizer.conflicts import Reach, Relations, Windows, build
from optimizer.conflicts import relations as facts
from optimizer.identity import PersonRecord, Unit
from optimizer.problem import Application, Expert, Force, Mode

APPLICATIONS, EXPERTS, UNITS, GROUPS = 6000, 2800, 900, 150
AUTHORS, PAPERS, SPELLS = 40_000, 60_000, 3
ON = date(2026, 9, 1)
POLICY = Windows(
    former_employment_years=3,
    investment_years=0,
    control_years=3,
    collateral_generations=3,
    applicant_reach=Reach.GROUP,
    own_unit=Force.HARD,
    own_unit_approver="",
    joint_work_years=3,
    dispute_years=3,
    avoid_limit=3,
    avoided=Force.HARD,
    avoided_penalty=0.0,
    unit_cap=1,
    establishment_share=Fraction(1, 2),
    establishment_penalty=0.1,
    yearly_reviews=10,
    daily_defences=10,
    daily_readings=35,
    rotation_batches=1,
    direction_panels=3,
    rotation=Force.SOFT,
    rotation_penalty=0.1,
    backups_per_seat=2,
)


class World:
    """A seeded round: a few large units and many small ones, a twelfth of the experts also applying."""

    def __init__(self, seed: int = 1) -> None:
        self.random = Random(seed)
        self.units = [f"{n:018d}" for n in range(1, UNITS + 1)]
        self.sizes = list(accumulate(1 / (rank + 10) for rank in range(UNITS)))
        self.people = [f"person {n}" for n in range(AUTHORS)]
        self.home = {person: self.unit() for person in self.people}
        self.judges = self.people[:EXPERTS]

    def unit(self) -> str:
        """Units differ in size as firms do (Zipf): the largest has a fiftieth of the people."""
        return self.random.choices(self.units, cum_weights=self.sizes)[0]

    def day(self, years: int = 12) -> date:
        return ON - timedelta(self.random.randrange(365 * years))

    def applications(self) -> list[Application]:
        return [self._application(number) for number in range(APPLICATIONS)]

    def _application(self, number: int) -> Application:
        expert = self.random.random() < 0.04
        leader = self.random.choice(self.judges if expert else self.people[EXPERTS:])
        members = tuple(self.random.sample(self.people[EXPERTS:], self.random.randint(2, 6)))
        others = tuple(self.unit() for _ in range(self.random.choice((0, 0, 1, 2))))
        group = f"group {self.random.randrange(GROUPS)}"
        return Application(
            number, 5, (self.home[leader], *others), (leader, *members), group=group, title=f"课题{number}"
        )

    def experts(self) -> list[Expert]:
        return [Expert(f"E{n}", 10, person=p, units=(self.home[p],)) for n, p in enumerate(self.judges)]

    def spells(self) -> list[facts.Employment]:
        found = []
        for person in self.judges:
            days = sorted(self.day() for _ in range(SPELLS))
            units = [*(self.unit() for _ in range(SPELLS - 1)), self.home[person]]
            ends = [*(day - timedelta(1) if day > days[0] else day for day in days[1:]), None]
            found += [
                facts.Employment(person, unit, since, max(since, until) if until else None)
                for unit, since, until in zip(units, days, ends, strict=True)
            ]
        return found

    def papers(self) -> list[facts.JointWork]:
        """Authors near each other in the list work together: a closed circle, as a discipline is."""
        return [self._paper(number) for number in range(PAPERS)]

    def _paper(self, number: int) -> facts.JointWork:
        first = self.random.randrange(AUTHORS)
        near = {first, *(int(self.random.gauss(first, 60)) % AUTHORS for _ in range(4))}
        if self.random.random() < 0.2:
            near.add(self.random.randrange(EXPERTS))
        people = tuple(self.people[n] for n in sorted(near))
        return facts.JointWork(facts.Work.PAPER, f"论文{number}", people, until=self.day(8))

    def pairs(self, number: int) -> list[tuple[str, str]]:
        return [(self.random.choice(self.judges), self.random.choice(self.people)) for _ in range(number)]

    def relations(self) -> Relations:
        choice, judges = self.random.choice, self.judges
        degrees = list(facts.Degree)
        return Relations(
            people=tuple(PersonRecord(p, f"姓名{p}", p[::-1], self.home[p], 1970) for p in self.people),
            units=tuple(
                Unit(code, f"单位{n}", self.units[n % 40] if n > 700 else "")
                for n, code in enumerate(self.units)
            ),
            employment=tuple(self.spells()),
            kinship=tuple(facts.Kinship(a, b, choice(degrees), 2) for a, b in self.pairs(8000) if a != b),
            supervision=tuple(facts.Supervision(a, b) for a, b in self.pairs(6000)),
            joint_works=tuple(self.papers()),
            interests=tuple(
                facts.Interest(choice(judges), self.unit(), choice(list(facts.Stake)), self.day())
                for _ in range(900)
            ),
            disputes=tuple(facts.Dispute(a, "合同纠纷", b, until=self.day()) for a, b in self.pairs(300)),
            guide_works=tuple(facts.GuideWork(choice(judges), "指南", (f"group {n}",)) for n in range(60)),
            avoidances=tuple(
                facts.Avoidance(self.random.randrange(APPLICATIONS), choice(judges), "学术分歧", 1 + n % 4)
                for n in range(3000)
            ),
            terms=tuple(
                facts.Term(person, self.day(2) if n % 50 == 0 else date(2027, 12, 31))
                for n, person in enumerate(judges)
            ),
            past_panels=tuple(
                facts.PastPanel(choice(judges), f"panel {n}", 7, date(2026, 3, 1), self.unit(), f"d{n % 20}")
                for n in range(6000)
            ),
            directions=tuple(facts.GroupDirection(f"group {n}", f"d{n % 20}") for n in range(GROUPS)),
            batch=8,
        )


def main() -> None:
    """Build once and report pairs by rule, seconds of building and marking, of one pair in words, and peak memory."""
    world = World()
    applications, experts, relations = world.applications(), world.experts(), world.relations()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    began = time.perf_counter()
    conflicts = build(applications, experts, relations, POLICY, ON)
    barred = conflicts.barred(Mode.LETTER)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    began = time.perf_counter()
    told = conflicts.of_application(applications[0].id)
    telling = time.perf_counter() - began
    report(
        "conflicts",
        {
            "applications": APPLICATIONS,
            "experts": EXPERTS,
            "seconds": round(seconds, 2),
            "barred_pairs": int(barred.sum()),
            "rows": sum(len(hit.row) for hit in conflicts.hits),
            "pairs_by_rule": conflicts.counts(),
            "sentences_of_one_application": len(told),
            "seconds_to_say_them": round(telling, 3),
            "input_mb": before,
            "peak_mb": peak,
        },
    )


if __name__ == "__main__":
    main()
