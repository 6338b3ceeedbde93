"""The .json instance form as a JSON Schema (draft 2020-12)."""

from typing import Any

_ID = {"type": ["string", "integer"]}
_NAMES = {"type": "array", "items": {"type": "string"}}
_WEIGHT = {"type": "number", "minimum": 0}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 2**31}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


_APPLICATION = _object(
    ["id", "seats"],
    id=_ID,
    seats={**_COUNT, "description": "experts it needs; 0 asks for nobody"},
    units={**_NAMES, "description": "credit codes of the lead and participating units, group parents too"},
    people={**_NAMES, "description": "person ids of the PI and members"},
    domains={**_NAMES, "description": "GB/T 13745 codes of 3, 5 or 7 digits"},
    group={"type": "string", "description": "competition group; in panel mode its applications share panels"},
    title={"type": "string"},
    abstract={"type": "string"},
    keywords=_NAMES,
)
_EXPERT = _object(
    ["id", "cap"],
    id=_ID,
    cap={**_COUNT, "description": "most applications (letter mode) or panels (panel mode)"},
    minimum={**_COUNT, "description": "least applications"},
    person={"type": "string", "description": "identity; accounts with the same person are one expert"},
    units=_NAMES,
    past_units=_NAMES,
    domains=_NAMES,
    roles={**_NAMES, "description": "technical, finance, management …"},
    outside={"type": "boolean", "description": "from outside the city"},
    profile={"type": "string"},
    keywords=_NAMES,
)
_SCORES = {
    "oneOf": [
        _object(["dense"], dense={"type": "array", "items": {"type": "array", "items": {"type": "number"}}}),
        _object(
            ["pairs"],
            pairs={
                "type": "array",
                "items": {
                    "type": "array",
                    "prefixItems": [_ID, _ID, {"type": "number"}],
                    "minItems": 3,
                    "maxItems": 3,
                },
            },
            unlisted={
                "type": ["number", "null"],
                "description": "score of other pairs; null: they may not be",
            },
        ),
        {
            **_object(
                [],
                weights=_object(
                    [],
                    domain=_WEIGHT,
                    text=_WEIGHT,
                    keywords=_WEIGHT,
                    bids=_WEIGHT,
                    embedding={**_WEIGHT, "description": "above 0: needs the extra keguan[embedding]"},
                    prefixes={
                        "type": "object",
                        "propertyNames": {"pattern": "^[1-9]$"},
                        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
                        "description": "digits in common of two GB/T 13745 codes -> worth",
                    },
                ),
                bids={
                    "type": "array",
                    "items": {
                        "type": "array",
                        "prefixItems": [_ID, _ID, {"type": "number", "minimum": 0, "maximum": 1}],
                        "minItems": 3,
                        "maxItems": 3,
                    },
                    "description": "[application, expert, wish from 0 to 1]",
                },
            ),
            "minProperties": 1,
        },
    ],
    "description": "a table, listed pairs, or how to compute the fit; absent: the fit of domains, texts and keywords",
}
_CONFLICT = _object(
    ["application", "expert", "rule", "evidence"],
    application=_ID,
    expert=_ID,
    rule={"type": "string"},
    evidence={"type": "string"},
    force={"enum": ["hard", "soft", "abstain", "declare"]},
    penalty={"type": "number", "minimum": 0, "description": "taken from the score when force is soft"},
)
_POLICY = _object(
    [],
    mode={"enum": ["letter", "panel"]},
    unit_cap={
        "type": ["integer", "null"],
        "minimum": 1,
        "description": "most experts of one unit per seating",
    },
    outside_share={
        "type": ["string", "number"],
        "description": "least share from outside the city, such as 1/3",
    },
    establishment_share={
        "type": ["string", "number"],
        "description": "most share of experts of role `establishment`, who reviewed the project before, such as 1/2",
    },
    composition={
        "type": "array",
        "items": _object(
            ["role"], role={"type": "string"}, least=_COUNT, most={"type": ["integer", "null"], "minimum": 0}
        ),
    },
    coverage={**_COUNT, "description": "least experts who share a domain code with the application"},
    coverage_digits={"enum": [3, 5, 7]},
    panel_sizes={"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2},
    pair_probability={"type": ["string", "number", "null"]},
    versions={
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "policy name -> clause or row version, copied into the certificate",
    },
)

INSTANCE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Keguan assignment instance",
    **_object(
        ["applications", "experts"],
        applications={"type": "array", "items": _APPLICATION},
        experts={"type": "array", "items": _EXPERT},
        scores=_SCORES,
        conflicts={"type": "array", "items": _CONFLICT},
        policy=_POLICY,
    ),
}
