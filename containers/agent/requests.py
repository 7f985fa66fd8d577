"""What a request of each operation must look like: `operations.json`, made from harness/lab/operations.

A small part of JSON Schema is enough; a keyword that is not known here is an error at the start, never ignored.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    # Raises Mismatch.
    Check = Callable[[Any], None]

Schema = dict[str, Any]
KNOWN = {"type", "properties", "required", "additionalProperties", "propertyNames", "items", "enum", "minimum", "maximum", "minLength", "readOnly"}
# In Python a bool is an int; in JSON it is not. A value is of one of these types exactly.
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Mismatch(Exception):
    """What was expected, or what is wrong with a field, and where, seen from the value that was checked."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where


def load(path: Path = Path(__file__).parent / "operations.json") -> dict[str, Check]:
    """Name of each operation -> what its request must be."""
    schemas: dict[str, Schema] = json.loads(path.read_text())
    for name, schema in schemas.items():
        require_known(schema, name)
    return {name: compiled(schema) for name, schema in schemas.items()}


def require_known(schema: Schema, path: str) -> None:
    unknown = schema.keys() - KNOWN
    if unknown:
        raise ValueError(f"{path}: the agent does not understand {', '.join(sorted(unknown))} of its schema")
    for key, inner in schema.get("properties", {}).items():
        require_known(inner, f"{path}.{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            require_known(schema[key], f"{path}.{key}")


def check(schema: Check, value: object, path: str) -> None:
    """Refuses a value that is not what the schema says, and names the field."""
    try:
        schema(value)
    except Mismatch as wrong:
        raise Refused(f"{path}{wrong.where}{wrong.what}", "request") from None


def compiled(schema: Schema) -> Check:
    """Raises Mismatch. A schema is read once; requests come by the thousand."""
    kinds = schema.get("type", list(TYPES))
    names = [kinds] if isinstance(kinds, str) else kinds
    parts = {each: _PARTS.get(each, _nothing_more)(schema) for name in names for each in TYPES[name]}
    expected, allowed = " or ".join(names), schema.get("enum")

    def check(value: Any) -> None:
        part = parts.get(type(value))
        if part is None:
            raise _expected(expected, value)
        if allowed is not None and value not in allowed:
            raise _expected(f"one of {', '.join(map(str, allowed))}", value)
        part(value)

    return check


def _fields(schema: Schema) -> Check:
    properties = {key: compiled(inner) for key, inner in schema.get("properties", {}).items()}
    required: Iterable[str] = schema.get("required", ())
    others = schema.get("additionalProperties", {})
    other = compiled(others) if isinstance(others, dict) else None

    def check(value: dict[str, Any]) -> None:
        for key in required:
            if key not in value:
                raise Mismatch(" is missing", f".{key}")
        for key, field in value.items():
            known = properties.get(key, other)
            if known is None:
                raise Mismatch(" is not known", f".{key}")
            try:
                known(field)
            except Mismatch as wrong:
                wrong.where = f".{key}{wrong.where}"
                raise

    return check


def _items(schema: Schema) -> Check:
    item = compiled(schema.get("items", {}))

    def check(value: list[Any]) -> None:
        for index, each in enumerate(value):
            try:
                item(each)
            except Mismatch as wrong:
                wrong.where = f"[{index}]{wrong.where}"
                raise

    return check


def _text(schema: Schema) -> Check:
    least = schema.get("minLength", 0)

    def check(value: str) -> None:
        if len(value) < least:
            raise _expected("text", value)

    return check


def _number(schema: Schema) -> Check:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)

    def check(value: float) -> None:
        if not least <= value <= most:
            raise _expected(f"a number from {schema.get('minimum', '-')} to {schema.get('maximum', '-')}", value)

    return check


def _nothing_more(_: Schema) -> Check:
    return lambda _: None


_PARTS: dict[type, Callable[[Schema], Check]] = {dict: _fields, list: _items, str: _text, int: _number, float: _number}


def _expected(what: str, found: object) -> Mismatch:
    return Mismatch(f": {what} expected, found {'nothing' if found is None else json.dumps(found)[:100]}")
