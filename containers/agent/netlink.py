"""Messages to and from the kernel: netlink(7). Constants are those of include/uapi/linux/netlink.h."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

NETFILTER, SOCK_DIAG = 12, 4
ERROR, DONE = 2, 3
REQUEST, ACKNOWLEDGE, DUMP = 1, 4, 0x300

HEADER, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=HH")
LENGTH = struct.Struct("=I")  # With which a header begins.
NESTED = 0x8000
KIND = 0x3FFF  # Of an attribute: without the flags "nested" and "in network byte order".
MOST = 1 << 18  # The longest that the kernel writes at once.


class Message(NamedTuple):
    kind: int
    body: bytes


def opened(protocol: int, flags: int = 0) -> socket.socket:
    """A socket of the network namespace that the caller is in, to which it belongs ever after."""
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | flags, protocol)


def request(kind: int, flags: int, body: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(body), kind, REQUEST | flags, 0, 0) + body


def messages(data: bytes) -> Iterator[Message]:
    """What one read of a socket gave."""
    for each in parted(data):
        yield Message(kind_of(each), each[HEADER.size :])


def parted(data: bytes) -> list[bytes]:
    """The same, each message with its header. The last may be cut off."""
    parts, at = [], 0
    while at + HEADER.size <= len(data):
        length = LENGTH.unpack_from(data, at)[0]
        if length < HEADER.size:
            break
        parts.append(data[at : at + length])
        at += (length + 3) & ~3
    return parts


def kind_of(message: bytes) -> int:
    """The type that its header gives."""
    return int(HEADER.unpack_from(message)[1])


def dump(kernel: socket.socket, kind: int, body: bytes) -> Iterator[bytes]:
    """
    The body of each message with which the kernel answers. The socket must not be used for anything else until all are read.

    Raises OSError if the kernel refuses.
    """
    kernel.send(request(kind, DUMP, body))
    while True:
        for answer in messages(kernel.recv(MOST)):
            if answer.kind == DONE:
                return
            if answer.kind == ERROR:
                raise failure(answer)
            yield answer.body


def ask(kernel: socket.socket, kind: int, flags: int, body: bytes) -> Message:
    """
    The one answer to a request, or its acknowledgement.

    Raises OSError if the kernel refuses.
    """
    kernel.send(request(kind, flags, body))
    answer = next(messages(kernel.recv(MOST)))
    if answer.kind == ERROR and errno_of(answer):
        raise failure(answer)
    return answer


def errno_of(error: Message) -> int:
    """0: it is an acknowledgement."""
    number: int = struct.unpack_from("=i", error.body)[0]
    return -number


def failure(error: Message) -> OSError:
    number = errno_of(error)
    return OSError(number, os.strerror(number))


def attribute(kind: int, value: bytes) -> bytes:
    return ATTRIBUTE.pack(ATTRIBUTE.size + len(value), kind) + value + b"\0" * (-len(value) % 4)


def attributes(data: bytes, at: int = 0) -> dict[int, bytes]:
    """The attributes in `data` from there on, by type; nested ones as they are."""
    return {kind & KIND: data[start : start + length - ATTRIBUTE.size] for length, kind, start in placed(data, at)}


def placed(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Length (with its own four bytes), type with flags, and where the value starts, of each attribute that is there as a whole."""
    end, read = len(data) - ATTRIBUTE.size, ATTRIBUTE.unpack_from
    while at <= end:
        length, kind = read(data, at)
        if length < ATTRIBUTE.size or at + length > len(data):
            break
        yield length, kind, at + ATTRIBUTE.size
        at += (length + 3) & ~3
