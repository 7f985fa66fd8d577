"""What a request of each operation must look like: `operations.json`, made from harness/lab/operations.

A small part of JSON Schema is enough; a keyword that is not known here is an error at the start, never ignored.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .protocol import Refused

Schema = dict[str, Any]
KNOWN = {"type", "properties", "required", "additionalProperties", "propertyNames", "items", "enum", "minimum", "maximum", "minLength", "readOnly"}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def load(path: Path = Path(__file__).parent / "operations.json") -> dict[str, Schema]:
    """Name of each operation -> schema of its request."""
    schemas: dict[str, Schema] = json.loads(path.read_text())
    for name, schema in schemas.items():
        require_known(schema, name)
    return schemas


def require_known(schema: Schema, path: str) -> None:
    unknown = schema.keys() - KNOWN
    if unknown:
        raise ValueError(f"{path}: the agent does not understand {', '.join(sorted(unknown))} of its schema")
    for key, inner in schema.get("properties", {}).items():
        require_known(inner, f"{path}.{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            require_known(schema[key], f"{path}.{key}")


class Mismatch(Exception):
    """What was expected, or what is wrong with a field, and where, seen from the value that was checked."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where


def check(schema: Schema, value: object, path: str) -> None:
    """Refuses a value that is not what the schema says, and names the field."""
    try:
        _check(schema, value)
    except Mismatch as wrong:
        raise Refused(f"{path}{wrong.where}{wrong.what}", "request") from None


def _check(schema: Schema, value: object) -> None:
    kinds = schema.get("type")
    if kinds is not None and not (is_of(value, kinds) if isinstance(kinds, str) else any(is_of(value, kind) for kind in kinds)):
        raise _expected(kinds if isinstance(kinds, str) else " or ".join(kinds), value)
    if "enum" in schema and value not in schema["enum"]:
        raise _expected(f"one of {', '.join(map(str, schema['enum']))}", value)
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            raise _expected("text", value)
    elif isinstance(value, dict):
        _check_fields(schema, value)
    elif isinstance(value, list):
        items = schema.get("items", {})
        for index, item in enumerate(value):
            _check_part(items, item, f"[{index}]")
    elif isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        raise _expected(f"a number from {schema.get('minimum', '-')} to {schema.get('maximum', '-')}", value)


def _check_fields(schema: Schema, value: dict[str, Any]) -> None:
    properties: dict[str, Schema] = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            raise Mismatch(" is missing", f".{key}")
    others = schema.get("additionalProperties", {})
    for key, field in value.items():
        known = properties.get(key, others)
        if not isinstance(known, dict):
            raise Mismatch(" is not known", f".{key}")
        _check_part(known, field, f".{key}")


def _check_part(schema: Schema, value: object, where: str) -> None:
    try:
        _check(schema, value)
    except Mismatch as wrong:
        wrong.where = where + wrong.where
        raise


def _expected(what: str, found: object) -> Mismatch:
    return Mismatch(f": {what} expected, found {'nothing' if found is None else json.dumps(found)[:100]}")


def is_of(value: object, kind: str) -> bool:
    # In Python a bool is an int; in JSON it is not.
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
