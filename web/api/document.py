"""The API's own description: an OpenAPI 3.1 document made from the operations, so that it cannot lag behind them."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.access import allow, anyone
from web.api import answers
from web.api.calls import OPERATIONS, Operation, blueprint
from web.problems import PREFIX

SCHEMAS = "#/components/schemas/"
REFUSALS = {
    "400": "请求不能读懂：正文、参数或表单有误",
    "401": "没有令牌，或令牌无效",
    "403": "这个账号不能办理",
    "404": "没有这个对象",
    "409": "规则不允许，或已被他人办理",
    "422": "幂等键已用于内容不同的请求",
}
TAGS = {
    "work": "待办：查看、签收、办理",
    "cases": "项目：查看、申报、终止、异议",
    "money": "资金",
    "rounds": "评审轮次",
    "guide": "指南",
    "account": "账号与通知",
}


@blueprint.get("/openapi.json")
@allow(anyone)
def openapi() -> ResponseReturnValue:
    """The document."""
    return jsonify(document())


@cache
def document() -> dict[str, Any]:
    """The whole document, made once."""
    schemas = _schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Keguan 科管",
            "version": version("keguan"),
            "description": "与页面相同的动作和权限。令牌在“我的账号”中建立，放在 Authorization: Bearer 中。"
            "POST 可带 Idempotency-Key：同一键、同一内容得到同一答复，内容不同则为 422。金额以分为单位。",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
        },
    }


def _schemas() -> dict[str, Any]:
    told: list[tuple[type[BaseModel], Any]] = [(one.answer, "serialization") for one in OPERATIONS]
    told += [(one.body, "validation") for one in OPERATIONS if one.body is not None]
    told.append((answers.Refusal, "serialization"))
    _, found = models_json_schema(told, by_alias=True, ref_template=SCHEMAS + "{model}")
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return paths


def _operation(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": one.description,
        "tags": [one.tag],
        "responses": {str(one.status): _reply("办妥", one.answer)} | _refusals(one),
    }
    parameters = [*_path_parameters(one.path), *_query_parameters(one.query)]
    if one.method == "POST":
        parameters.append(_idempotency_key())
    if parameters:
        described["parameters"] = parameters
    if one.body is not None:
        described["requestBody"] = {"required": one.needs_body, "content": _content(one.body)}
    return described


def _refusals(one: Operation) -> dict[str, Any]:
    used = (
        REFUSALS if one.method == "POST" else {k: v for k, v in REFUSALS.items() if k not in ("409", "422")}
    )
    return {status: _reply(text, answers.Refusal) for status, text in used.items()}


def _reply(text: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": text, "content": _content(model)}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": SCHEMAS + model.__name__}}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    whole: Mapping[str, Any] = {"type": "integer", "minimum": 0}
    return [{"name": name, "in": "path", "required": True, "schema": dict(whole)} for name in names]


def _query_parameters(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = query.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        {"name": name, "in": "query", "required": False, "schema": _inlined(found, definitions)}
        for name, found in schema["properties"].items()
    ]


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A parameter's schema by itself, what it refers to written out."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return {name: _inlined(value, definitions) for name, value in schema.items()}
    return [_inlined(one, definitions) for one in schema] if isinstance(schema, list) else schema


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "同一账号用同一键重复同一请求，只办一次，得到同一答复。",
        "schema": {"type": "string", "maxLength": 200},
    }
