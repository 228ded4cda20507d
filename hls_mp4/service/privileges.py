"""Giving up root: `user name [group];`, after the sockets are bound and the pid file is written."""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass


class NoSuchAccount(Exception):
    """The configuration names a user or a group that this machine does not have."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to become.

    Args:
        name: the user's name, for the supplementary groups.
        uid: the user.
        gid: the group.
    """

    name: str
    uid: int
    gid: int

    def become(self) -> None:
        """Become this account for good, supplementary groups included.

        Raises:
            OSError: the system refuses.
        """
        os.initgroups(self.name, self.gid)
        os.setgid(self.gid)
        os.setuid(self.uid)


def account_of(user: str, group: str) -> Account:
    """Look up whom `user` names.

    Args:
        user: a user's name.
        group: a group's name; empty for nginx's rule, the group of the user's name.

    Raises:
        NoSuchAccount: in nginx's words.
    """
    try:
        found = pwd.getpwnam(user)
    except KeyError:
        raise NoSuchAccount(f'getpwnam("{user}") failed') from None
    try:
        return Account(user, found.pw_uid, grp.getgrnam(group or user).gr_gid)
    except KeyError:
        if group:
            raise NoSuchAccount(f'getgrnam("{group}") failed') from None
        return Account(user, found.pw_uid, found.pw_gid)


def is_root() -> bool:
    """Tell whether this process may become somebody else."""
    return os.geteuid() == 0
