"""nft without a process: libnftables, which the nft program is a thin shell around.

A lab loads and lists some twenty small rulesets; a process for each would cost more than the rest of the wiring.
A user's own ruleset is checked by the program before it comes here (see firewall.py): what makes it abort must not end the lab.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .namespaces import Namespaces

# nftables/libnftables.h
HANDLE, JSON = 1 << 3, 1 << 4
OPTIONS = {"-a": HANDLE, "-j": JSON}

_library = ctypes.CDLL("libnftables.so.1")
for _name in ("nft_ctx_new", "nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
    getattr(_library, _name).restype = ctypes.c_void_p if _name == "nft_ctx_new" else ctypes.c_char_p


def commands(argv: list[str], text: str) -> tuple[str, int] | None:
    """(commands, output flags) of an `nft` command line that can be run here, else None: it names a file, or another option."""
    if argv[0] != "nft":
        return None
    flags, at = 0, 1
    while at < len(argv) and argv[at] in OPTIONS:
        flags |= OPTIONS[argv[at]]
        at += 1
    rest = argv[at:]
    if rest == ["-f", "-"]:
        return text, flags
    return (" ".join(rest), flags) if rest and not any(word.startswith("-") for word in rest) else None


class Context:
    """What `nft` holds while it runs: a netlink socket in one namespace. Tables with `flags owner` live as long as it does."""

    def __init__(self, namespaces: Namespaces, name: str) -> None:
        with namespaces.inside(name):  # The socket belongs to the namespace it was made in.
            self._context = ctypes.c_void_p(_library.nft_ctx_new(0))
        _library.nft_ctx_buffer_output(self._context)
        _library.nft_ctx_buffer_error(self._context)
        self._namespaces, self._name = namespaces, name

    def run(self, text: str, flags: int = 0) -> tuple[int, str, str]:
        """(exit status, stdout, stderr), as the program gives them."""
        return self._run(_library.nft_run_cmd_from_buffer, text, flags)

    def run_file(self, path: str, folder: str) -> tuple[int, str, str]:
        """The same as `nft -f PATH`, started in `folder`."""
        before = os.getcwd()
        os.chdir(folder)
        try:
            return self._run(_library.nft_run_cmd_from_filename, path, 0)
        finally:
            os.chdir(before)

    def _run(self, function: Callable[[Any, bytes], int], text: str, flags: int) -> tuple[int, str, str]:
        # Interfaces are looked up by index when rules name them with `iif` and `oif`: in the namespace, too.
        with self._namespaces.inside(self._name), undisturbed():
            _library.nft_ctx_output_set_flags(self._context, flags)
            status = function(self._context, text.encode())
            out, err = _library.nft_ctx_get_output_buffer(self._context), _library.nft_ctx_get_error_buffer(self._context)
        return (1 if status else 0), out.decode(errors="replace"), err.decode(errors="replace")

    def close(self) -> None:
        _library.nft_ctx_free(self._context)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Without the signals of the agent's own timer: with one pending, the kernel gives up a transaction ("Interrupted system call")."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run(namespaces: Namespaces, name: str, text: str, flags: int) -> tuple[int, str, str]:
    """One command in a context of its own."""
    with contextlib.closing(Context(namespaces, name)) as context:
        return context.run(text, flags)
