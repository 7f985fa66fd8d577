from __future__ import annotations

import unittest
from typing import Any

from agent.protocol import Refused
from agent.requests import check, load, require_known

PROBE: dict[str, Any] = {"from": "home", "address": "198.51.100.10", "port": 22, "send": "", "until": ""}


class Requests(unittest.TestCase):
    def setUp(self) -> None:
        self.schemas = load()

    def refused(self, operation: str, request: dict[str, Any]) -> str:
        with self.assertRaises(Refused) as caught:
            check(self.schemas[operation], request, operation)
        self.assertEqual(caught.exception.kind, "request")
        return str(caught.exception)

    def test_one_as_it_should_be(self) -> None:
        check(self.schemas["probe"], PROBE, "probe")
        check(self.schemas["probe"], {**PROBE, "dial": {"at": "server", "port": 80}, "neighbours": ["198.51.100.10"], "deadlineMs": 0.5}, "probe")
        check(self.schemas["build"], {"namespaces": [], "steps": [{"namespace": "a", "settings": {"x": 1, "y": "2"}, "observe": True}]}, "build")

    def test_the_field_that_is_wrong_is_named(self) -> None:
        self.assertEqual(self.refused("probe", {**PROBE, "port": "22"}), 'probe.port: integer expected, found "22"')
        self.assertEqual(self.refused("probe", {**PROBE, "port": True}), "probe.port: integer expected, found true")
        self.assertEqual(self.refused("probe", {**PROBE, "port": 65536}), "probe.port: a number from 0 to 65535 expected, found 65536")
        self.assertEqual(self.refused("probe", {**PROBE, "from": ""}), 'probe.from: text expected, found ""')
        self.assertEqual(self.refused("probe", {**PROBE, "dial": {"at": "server"}}), "probe.dial.port is missing")
        self.assertEqual(self.refused("probe", {**PROBE, "neighbors": []}), "probe.neighbors is not known")
        self.assertEqual(self.refused("probe", {**PROBE, "neighbours": ["::1", None]}), "probe.neighbours[1]: string expected, found nothing")
        self.assertEqual(
            self.refused("build", {"namespaces": [], "steps": [{"namespace": "a", "settings": {"x": None}}]}),
            "build.steps[0].settings.x: string or number expected, found nothing",
        )
        self.assertIn("kill.signal: one of SIGTERM", self.refused("kill", {"job": 1, "signal": "SIGSEGV"}))

    def test_a_keyword_that_is_not_understood_is_an_error(self) -> None:
        with self.assertRaisesRegex(ValueError, "probe.port: the agent does not understand multipleOf"):
            require_known({"type": "object", "properties": {"port": {"type": "integer", "multipleOf": 2}}}, "probe")
