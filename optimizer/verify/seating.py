"""What the verifier checks of people who sit together, on a panel or for one application."""

from collections import Counter
from typing import Any

from optimizer.verify.reading import Facts, share


def faults(
    facts: Facts, name: str, members: list[Any], seats: int, served: list[Any], partial: bool
) -> list[str]:
    """Unit cap, composition, outside share and coverage of one seating."""
    policy, found = facts.policy, []
    if not policy:
        return []
    accounts = [facts.accounts[facts.persons[r]] for r in members]
    units = Counter(
        u for a in accounts for u in {u for e in a for u in facts.experts.get(e, {}).get("units", ())}
    )
    cap = policy.get("unit_cap")
    if cap is not None:
        found += [
            f"{name} has {n} experts of unit {u}; at most {cap} may be." for u, n in units.items() if n > cap
        ]
    roles = Counter(
        x for a in accounts for x in {x for e in a for x in facts.experts.get(e, {}).get("roles", ())}
    )
    for rule in policy.get("composition", ()):
        n, most = roles[rule["role"]], rule.get("most")
        if (most is not None and n > most) or (n < rule.get("least", 0) and seats and not partial):
            found.append(
                f"{name} has {n} experts of role {rule['role']}; {rule.get('least', 0)} to {most} are asked."
            )
    earlier = policy.get("establishment_share")
    if earlier is not None and seats and roles["establishment"] > share(earlier) * seats:
        found.append(
            f"{name} has {roles['establishment']} establishment reviewers, above the share of {earlier}."
        )
    if partial or not seats:
        return found
    outside = sum(all(facts.experts[e].get("outside", False) for e in a) for a in accounts)
    if outside < share(policy.get("outside_share", 0)) * seats:
        found.append(
            f"{name} has {outside} experts from outside, below the share of {policy['outside_share']}."
        )
    digits = policy.get("coverage_digits", 3)
    codes = {c[:digits] for p in served for c in facts.applications.get(p, {}).get("domains", ())}
    known = sum(
        bool(codes & {c[:digits] for e in a for c in facts.experts[e].get("domains", ())}) for a in accounts
    )
    if codes and known < policy.get("coverage", 0):
        found.append(f"{name} has {known} experts of its field; {policy['coverage']} are asked.")
    return found
