"""Which server the command line talks to: the one that was named, else one that runs on this data folder.

A running server leaves `server.json` (address and token, readable by its user alone) beside its lock.
Called by studio.py and the verbs. Tests: tests/test_cli/test_remote.py
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from app.core.errors import ConfigError
from app.core.settings import Settings
from cli_tools.lock_holder import holder

NOTE = "server.json"


@dataclass(frozen=True)
class Door:
    """A server's address, without a trailing slash, and the token to show. `own`: it runs on this data folder."""

    url: str
    token: str
    own: bool = False


def named_door(settings: Settings, url: str | None, token: str | None) -> Door | None:
    """Return the server that flags or settings name, null when they name none.

    Raises:
        ConfigError: A server without a token, or an address that is none.
    """
    address = (url or settings.server_url or "").rstrip("/")
    if not address:
        return None
    if not address.startswith(("http://", "https://")):
        raise ConfigError(f"{address} is not a server's address.", hint="Write it as http://host:port.")
    shown = token or (settings.token.get_secret_value() if settings.token else "")
    if not shown:
        own = running_door(settings)
        if own is not None and own.url == address:
            return own
        raise ConfigError(f"{address} wants a token.", hint="Give --token, or set ADMINT_TOKEN.")
    return Door(address, shown)


def running_door(settings: Settings) -> Door | None:
    """Return the server that runs on this data folder, null when none does."""
    found = holder(settings) if settings.is_sqlite else None
    if found is None or found.get("kind") != "server":
        return None
    try:
        note = json.loads((settings.home_path / NOTE).read_text(encoding="utf-8"))
        if note["pid"] == found.get("pid"):
            return Door(str(note["url"]).rstrip("/"), str(note["token"]), own=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def find_door(settings: Settings, named: Door | None) -> Door | None:
    """Return the server to talk to, null when the work is done in this process."""
    return named or running_door(settings)
