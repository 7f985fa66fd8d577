"""The rules that the real firewalld makes of a copy of /etc/firewalld, each with the line that it is made of.

firewalld's own classes read the files and load the rules into this container's network namespace, where nothing is connected. It needs
no message bus for that: the daemon wraps the same `Firewall` object.
"""
