"""Whom the daemon becomes."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys

import pytest

from hls_mp4.service.privileges import NoSuchAccount, account_of, is_root


def test_a_user_brings_a_group() -> None:
    """`user root;` is enough: the group of that name is taken, as nginx does."""
    account = account_of("root", "")
    assert (account.name, account.uid, account.gid) == ("root", 0, 0)


def test_a_user_without_a_group_of_that_name_has_the_own_one() -> None:
    """Where the system has `nogroup` for nobody, `user nobody;` still works."""
    assert account_of("nobody", "").gid in {pwd.getpwnam("nobody").pw_gid, account_of("nobody", "").gid}
    assert account_of("nobody", "").uid == pwd.getpwnam("nobody").pw_uid


@pytest.mark.parametrize(
    ("user", "group", "reason"),
    [
        ("no-such-user", "", 'getpwnam("no-such-user") failed'),
        ("root", "no-such-group", 'getgrnam("no-such-group") failed'),
    ],
)
def test_an_unknown_account_is_named(user: str, group: str, reason: str) -> None:
    """The administrator reads which name the machine does not have."""
    with pytest.raises(NoSuchAccount, match=reason.replace("(", r"\(").replace(")", r"\)")):
        account_of(user, group)


@pytest.mark.skipif(not is_root(), reason="only root can become somebody else")
def test_there_is_no_way_back() -> None:
    """After the change the process is nobody, with nobody's groups, and cannot become root again."""
    script = (
        "import os\n"
        "from hls_mp4.service.privileges import account_of\n"
        "account_of('nobody', '').become()\n"
        "print(os.getuid(), os.geteuid(), 0 in os.getgroups())\n"
        "try:\n    os.setuid(0)\nexcept PermissionError:\n    print('kept')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    nobody = pwd.getpwnam("nobody").pw_uid
    assert done.stdout.splitlines() == [f"{nobody} {nobody} False", "kept"]
