"""The fabric's agent: switches, routers, observation and processes of one lab.

It is driven over its own standard input (newline-delimited JSON requests) and
answers on standard output. It knows network namespaces, packets and processes.
It knows nothing of SSH, policies or verdicts: it reports what it saw.
"""

import sys

# asyncio loads TLS if Python has it. The agent does not use TLS, and loading it takes a sixth of its start, for which every lab waits.
sys.modules.setdefault("ssl", None)  # type: ignore[arg-type]
