"""nft without a process: libnftables, which the nft program is a thin shell around.

A lab loads and lists some twenty small rulesets; a process for each would cost more than the rest of the wiring.
The user's own ruleset is loaded by the program itself (see wiring.load_firewall).
"""

import ctypes

# nftables/libnftables.h
HANDLE, JSON = 1 << 3, 1 << 4
OPTIONS = {"-a": HANDLE, "-j": JSON}

_library = ctypes.CDLL("libnftables.so.1")
for _name in ("nft_ctx_new", "nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
    getattr(_library, _name).restype = ctypes.c_void_p if _name == "nft_ctx_new" else ctypes.c_char_p


def commands(argv, text):
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


def run(namespaces, name, text, flags):
    """(exit status, stdout, stderr), as the program gives them."""
    with namespaces.inside(name):  # The context's netlink socket belongs to the namespace it was made in.
        context = ctypes.c_void_p(_library.nft_ctx_new(0))
        try:
            _library.nft_ctx_output_set_flags(context, flags)
            _library.nft_ctx_buffer_output(context)
            _library.nft_ctx_buffer_error(context)
            status = _library.nft_run_cmd_from_buffer(context, text.encode())
            out, err = _library.nft_ctx_get_output_buffer(context), _library.nft_ctx_get_error_buffer(context)
            return (1 if status else 0), out.decode(errors="replace"), err.decode(errors="replace")
        finally:
            _library.nft_ctx_free(context)
