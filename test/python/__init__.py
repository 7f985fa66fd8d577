"""Unit tests of the agent's pure parts: `python3 -m unittest discover -s test/python -t test`, with PYTHONPATH=containers."""
