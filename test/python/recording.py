"""What a kernel said: see `record.py`."""

from __future__ import annotations

import json
from pathlib import Path

from agent.nftrace import Decision, TraceReader

_RECORDED: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / "recorded.json").read_text())
names = tuple(_RECORDED)


def trace(event: str) -> list[bytes]:
    """Each message as netlink gave it."""
    return [bytes.fromhex(each) for each in _RECORDED[event]["trace"]]


def packets(event: str) -> list[bytes]:
    """Each packet, from its network header on."""
    return [bytes.fromhex(each) for each in _RECORDED[event]["packets"]]


def decisions(event: str) -> list[Decision]:
    reader = TraceReader("server")
    return [decision for data in trace(event) for decision in reader.read(data)]
