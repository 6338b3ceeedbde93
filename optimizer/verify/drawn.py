"""What the verifier checks of a lottery: every listed assignment, the list's hash, and which ticket was drawn."""

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from optimizer.verify import assignment, panels
from optimizer.verify.reading import Facts, Pair

NEAR = 1e-6


def faults(facts: Facts, claims: dict[str, Any]) -> list[str]:
    """Every assignment of a lottery is as sound as the one drawn; list, chances and draw are as said."""
    lottery = claims.get("lottery")
    if not lottery or claims.get("status") == "infeasible":
        return []
    listed, found, chance = lottery["assignments"], [], Counter[Pair]()
    in_panels = facts.policy.get("mode") == "panel"
    for k, one in enumerate(listed):
        pairs = [(p, r) for p, r in one["pairs"]]
        if in_panels:
            bad = panels.lottery_faults(facts, claims, pairs)
        elif any(p not in facts.seats or r not in facts.persons for p, r in pairs):
            bad = ["It holds a pair that is not in the instance."]
        else:
            bad = assignment.faults(facts, claims, pairs, partial=False)
        found += [f"Assignment {k} of the lottery: {fault}" for fault in bad]
        chance.update(dict.fromkeys(pairs, one["tickets"]))
    tickets = sum(one["tickets"] for one in listed)
    most = max(chance.values(), default=0) / max(1, tickets)
    if abs(most - lottery["largest_probability"]) > NEAR:
        found.append(f"The largest pair probability is {most:.6g}, not {lottery['largest_probability']}.")
    written = json.dumps(listed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if sha256(written.encode()).hexdigest() != lottery["list_sha256"]:
        found.append("The lottery's list is not the one that was hashed.")
    return found + _draws(claims, lottery, in_panels)


def _draws(claims: dict[str, Any], lottery: dict[str, Any], in_panels: bool) -> list[str]:
    """The assignment drawn last is the result's, and the seed, where it is the secret, draws it again."""
    listed, found = lottery["assignments"], []
    secret = str((claims.get("certificate") or {}).get("seed"))
    for one in lottery.get("attempts", ()):
        if not 0 <= one["drawn"] < len(listed):
            return [f"Attempt {one['attempt']} draws number {one['drawn']}, which is not in the list."]
        known = sha256(secret.encode()).hexdigest() == lottery["commitment"]
        if known and _drawn(lottery, secret, one) != one["drawn"]:
            found.append(f"Attempt {one['attempt']} does not draw number {one['drawn']}.")
    if lottery.get("attempts"):
        pairs = listed[lottery["attempts"][-1]["drawn"]]["pairs"]
        if in_panels:
            held = {(one["id"], e) for one in claims.get("panels", ()) for e in one["members"]}
        else:
            held = {(p, r) for p, r in claims["pairs"]}
        if {(p, r) for p, r in pairs} != held:
            found.append("The pairs are not those of the assignment drawn.")
    return found


def _drawn(lottery: dict[str, Any], secret: str, one: dict[str, Any]) -> int:
    """Which assignment a committed secret, a witness's number and the list's hash draw."""
    tickets = [listed["tickets"] for listed in lottery["assignments"]]
    words = "\0".join([secret, one["witness"], str(one["attempt"]), lottery["list_sha256"]])
    seed, counter, total = sha256(words.encode()).hexdigest(), 0, sum(tickets)
    if total < 1:
        return -1
    while True:
        word = int.from_bytes(sha256(f"{seed}\0{counter}".encode()).digest()[:8], "big")
        if word < 2**64 - 2**64 % total:
            break
        counter += 1
    number, k = word % total, 0
    while number >= tickets[k]:
        number, k = number - tickets[k], k + 1
    return k
