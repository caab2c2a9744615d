"""Who looks at a page, and which runs are theirs to change.

A browser on the machine itself, which is everybody on a laptop of one's own, may change everything. A
visitor from elsewhere may change and delete what they started, and watch the rest. NIN_SHARED=0 makes
a private machine, where everyone may; NIN_SHARED=1 trusts no address: behind a proxy on the same
machine, or in a container, all visitors may seem to come from one.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from ipaddress import ip_address
from pathlib import Path

import psutil
import streamlit as st

from nin.errors import RunError
from nin.storage.limits import Limits, limits
from nin.storage.owner import owner_of, write_owner
from nin.storage.run import Run
from ui.base.component import component

COOKIE = "nin-visitor"  # by which a browser is known again, in another tab or tomorrow
_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEY = "visitor_token"  # in the session

_component = component("visitor", html="")


def is_at_the_machine() -> bool:
    """Whether this visitor may change everything."""
    match os.environ.get("NIN_SHARED", "").strip():
        case "0":
            return True
        case "1":
            return False
    address = st.context.ip_address  # of the connection's other end; None for 127.0.0.1 and ::1
    # Where there is no connection (in Streamlit's own tests a stand-in for one) the page is run from a program here.
    return not isinstance(address, str) or _is_of_this_machine(address)


def _is_of_this_machine(address: str) -> bool:
    """Loopback, or what the machine has in the network: who opens their own lab may do so by its name or number.

    A server that listens for IPv6 and IPv4 at once, as Streamlit does unless told otherwise, gives an IPv4
    address as one of IPv6: ::ffff:127.0.0.1.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return plain.is_loopback or str(plain) in _addresses_of_this_machine()


def _addresses_of_this_machine() -> set[str]:
    return {address.address.partition("%")[0] for of_one in psutil.net_if_addrs().values() for address in of_one}


def remember_visitor() -> None:
    """Have the browser of a visitor from elsewhere keep by what it is known again."""
    if not is_at_the_machine():
        _component(data={"name": COOKIE, "token": _token()}, key="visitor")


def visitor() -> str | None:
    """Who this is, as `nin.storage.owner` keeps it; None at the machine itself."""
    return None if is_at_the_machine() else hashlib.sha256(_token().encode()).hexdigest()[:32]


def _token() -> str:
    """What the browser sent along when it connected; of a new one what it is given."""
    if _KEY not in st.session_state:
        sent = str(st.context.cookies.get(COOKIE, ""))
        st.session_state[_KEY] = sent if _TOKEN.fullmatch(sent) else secrets.token_hex(16)
    return st.session_state[_KEY]


def may_change(folder: Path) -> bool:
    """Whether the run or experiment in `folder` is this visitor's to steer, name and delete."""
    who = visitor()
    return who is None or owner_of(folder) == who


def check_may_change(run: Run) -> None:
    """RunError unless `run` is this visitor's to change."""
    if not may_change(run.path):
        raise RunError(
            "run {run} was started by somebody else: you can watch it, and fork it into a run of your own", run=run.id
        )


def claim(folder: Path) -> None:
    """What was begun in `folder` is this visitor's."""
    write_owner(folder, visitor())


def limits_here() -> Limits:
    """What this visitor may use of the machine."""
    return limits(of_strangers=not is_at_the_machine())
