"""Classic BPF: what a socket lets through, decided in the kernel."""

from __future__ import annotations

import ctypes
import socket
import struct
from typing import NamedTuple

SO_ATTACH_FILTER = 26


class Step(NamedTuple):
    """One classic BPF instruction, or the label before one."""

    code: str
    value: int = 0
    yes: str = ""
    no: str = ""


CODES = {
    "ld": 0x20,
    "ldh": 0x28,
    "ldb": 0x30,
    "ldi": 0x00,
    "ldx": 0x40,
    "ldbx": 0x50,
    "ldxi": 0x01,
    "ldxmsh": 0xB1,
    "tax": 0x07,
    "and": 0x54,
    "jeq": 0x15,
    "jge": 0x35,
    "jset": 0x45,
    "ret": 0x06,
}
ALL, NOTHING = 0x40000, 0


def assemble(program: list[Step]) -> bytes:
    """By labels, so that no jump is counted by hand."""
    labels: dict[str, int] = {}
    steps: list[Step] = []
    for step in program:
        if step.code.endswith(":"):
            labels[step.code[:-1]] = len(steps)
        else:
            steps.append(step)
    out = b""
    for at, step in enumerate(steps):
        jumps = (labels[step.yes] - at - 1, labels[step.no] - at - 1) if step.yes else (0, 0)
        out += struct.pack("HBBI", CODES[step.code], *jumps, step.value)
    return out


def attach(to: socket.socket, program: list[Step]) -> None:
    code = assemble(program)
    keep = ctypes.create_string_buffer(code)
    to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(code) // 8, ctypes.addressof(keep)))
