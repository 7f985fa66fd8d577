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


def check(schema: Schema, value: object, path: str) -> None:
    """Refuses a value that is not what the schema says, and names the field."""

    def refuse(expected: str) -> None:
        found = "nothing" if value is None else json.dumps(value)[:100]
        raise Refused(f"{path}: {expected} expected, found {found}", "request")

    kinds = schema.get("type")
    if kinds is not None and not any(is_of(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        refuse(kinds if isinstance(kinds, str) else " or ".join(kinds))
    if "enum" in schema and value not in schema["enum"]:
        refuse(f"one of {', '.join(map(str, schema['enum']))}")
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        refuse(f"a number from {schema.get('minimum', '-')} to {schema.get('maximum', '-')}")
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        refuse("text")
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(schema.get("items", {}), item, f"{path}[{index}]")
    if isinstance(value, dict):
        check_fields(schema, value, path)


def check_fields(schema: Schema, value: dict[str, Any], path: str) -> None:
    properties: dict[str, Schema] = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            raise Refused(f"{path}.{key} is missing", "request")
    others = schema.get("additionalProperties", {})
    for key, field in value.items():
        if key in properties:
            check(properties[key], field, f"{path}.{key}")
        elif isinstance(others, dict):
            check(others, field, f"{path}.{key}")
        else:
            raise Refused(f"{path}.{key} is not known", "request")


def is_of(value: object, kind: str) -> bool:
    # In Python a bool is an int; in JSON it is not.
    return isinstance(value, TYPES[kind]) and (kind == "boolean") == isinstance(value, bool)
