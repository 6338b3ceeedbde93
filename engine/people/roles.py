"""Lanes and roles: a lane's Chinese name in a diagram is a role's label; a bureau may add its own lanes."""

from engine.vocabulary import Role

_BY_KEY = {role.value: role for role in Role}
_BY_LABEL = {role.zh: role.value for role in Role}
OF_A_UNIT = frozenset({Role.APPLICANT.value, Role.RECOMMENDER.value})
"""Roles that act only for their own unit's cases."""
INTERNAL = frozenset(role.value for role in Role) - OF_A_UNIT - {Role.EXPERT.value}
"""The built-in roles inside the bureau; they see every case."""


def role_for_lane(name: str) -> str:
    """The role of a lane: a built-in key for a known Chinese label, else the lane's own name."""
    name = name.strip()
    return _BY_LABEL.get(name, name)


def role_label(role: str, locale: str = "zh") -> str:
    """How a screen calls a role; a role the bureau added is called by its name in every language."""
    word = _BY_KEY.get(role)
    if word is None:
        return role
    return word.zh if locale == "zh" else word.en
