"""Which file of /proc/sys a setting's name stands for."""

from __future__ import annotations

import unittest

from agent.wiring import setting_file


class SettingFile(unittest.TestCase):
    def test_the_first_separator_is_the_one_between_words(self) -> None:
        for key in ("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"):
            self.assertEqual(setting_file(key), "/proc/sys/net/ipv4/conf/eth0.100/rp_filter")

    def test_another_dot_is_another_folder(self) -> None:
        self.assertEqual(setting_file("net.ipv4.conf.eth0.100.rp_filter"), "/proc/sys/net/ipv4/conf/eth0/100/rp_filter")
