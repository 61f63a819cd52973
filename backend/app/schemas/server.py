"""What the server says of itself and of who is signed in, and the views that span a whole session.

Used by app/api. Tests: tests/test_api/
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.schemas.base import Model
from app.schemas.events import ServerEvent

Health = Literal["healthy", "degraded", "unhealthy"]


class UserView(Model):
    """A person, as they see themselves."""

    id: str
    name: str
    email: str | None = None
    is_local: bool


class SignedIn(Model):
    """Who is signed in."""

    user: UserView


class Removed(Model):
    """How many things were removed."""

    count: int


class Done(Model):
    """A command was taken; what comes of it is told by events and the snapshot."""

    generation_id: str
    accepted: Literal[True] = True


class EventLog(Model):
    """Durable events in order. `last_seq` is where the session's log ends; `has_more`: ask again from the last one."""

    session_id: str
    events: list[ServerEvent]
    last_seq: int
    has_more: bool


class BackgroundTasks(Model):
    """Work waiting and being done."""

    status: Health
    pending_count: int
    processing_count: int


class HealthChecks(Model):
    """`redis` is `disabled` where none is configured."""

    database: Health
    redis: Health | Literal["disabled"]
    background_tasks: BackgroundTasks
    disk_space: Health


class HealthReport(Model):
    """The spec's `GET /health`."""

    status: Health
    checks: HealthChecks
    timestamp: datetime


class Alive(Model):
    """The process answers."""

    status: Literal["healthy"] = "healthy"
