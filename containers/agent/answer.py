"""The line by which a service of the lab proves itself: `forwardlab IDENTITY NONCE PEER`."""

from __future__ import annotations

from typing import Any


def endpoint(address: tuple[Any, ...]) -> str:
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def answer_line(identity: str, nonce: str, peer: str) -> bytes:
    """@param peer: `address:port`, IPv6 in brackets; `uid:UID` for who came by a path"""
    return f"forwardlab {identity} {nonce} {peer}\n".encode()


def peer_told(answer: bytes) -> str | None:
    """The peer as `address port`; None where the answer is no such line."""
    word, *rest = answer.decode(errors="replace").partition("\n")[0].split(" ")
    if word != "forwardlab" or len(rest) != 3:
        return None
    host, _, port = rest[2].rpartition(":")
    return f"{host.strip('[]')} {port}"
