"""What a client says over the socket: limited, read strictly, acted on, acknowledged. Errors go to the sender alone.

Fed by app/api/routes/websocket.py, one intake a connection. Tests: tests/test_api/test_websocket.py
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import AdMintError, InvalidInput
from app.kit.validation import KINDS
from app.ports.clock import Clock
from app.schemas.api import Accepted, FeedbackBody
from app.schemas.events import (
    CLIENT_MESSAGE,
    ErrorEvent,
    ErrorRaised,
    HeartbeatEvent,
    MessageReceived,
    MessageReceivedEvent,
    PingMessage,
    ServerEvent,
    UserFeedbackMessage,
)

logger = logging.getLogger(__name__)
_PER_SECOND = 20


class Commands(Protocol):
    """What the socket needs of services.unified_pipeline.commands.GenerationCommands."""

    async def say(self, user_id: str, generation_id: str, word: FeedbackBody) -> Accepted:
        """Take a word at a gate."""

    async def open_gate_of(self, user_id: str, session_id: str) -> str:
        """Return the generation that a message without an id speaks to."""


class Intake:
    """Handles the messages of one connection, one after the other.

    Args:
        user_id: Who speaks.
        session_id: Where.
        commands: What messages act on.
        clock: For stamps and for the limit.
        tell: Gives an event to this client alone.
    """

    def __init__(
        self, user_id: str, session_id: str, commands: Commands, clock: Clock, tell: Callable[[ServerEvent], None]
    ) -> None:
        self._user_id = user_id
        self._session_id = session_id
        self._commands = commands
        self._clock = clock
        self._tell = tell
        self._tokens = float(_PER_SECOND)
        self._counted_at = clock.monotonic()
        self._deaf = False

    async def take(self, text: str | None) -> None:
        """Handle one message; null is a binary one. Never raises for what the client did."""
        if not self._admitted():
            return
        message_id: str | None = None
        try:
            message = _parsed(text)
            message_id = message.id or None
            await self._handle(message)
        except AdMintError as error:
            self._refuse(error.code, error.message, error.hint, message_id)
        except SQLAlchemyError:
            logger.exception("a socket message was not stored")
            self._refuse(
                "storage_error", "The database is out of reach or busy.", "Send the message again.", message_id
            )

    async def _handle(self, message: UserFeedbackMessage | PingMessage) -> None:
        duplicate = False
        if isinstance(message, UserFeedbackMessage):
            duplicate = (await self._say(message)).duplicate
        else:
            self._tell(HeartbeatEvent(timestamp=self._clock.now()))
        if message.id:
            received = MessageReceived(message_id=message.id, duplicate=duplicate)
            self._tell(MessageReceivedEvent(timestamp=self._clock.now(), payload=received))

    async def _say(self, message: UserFeedbackMessage) -> Accepted:
        try:
            word = FeedbackBody(id=message.id, **dict(message.payload))
        except ValidationError as error:
            raise _in_words(error) from error
        target = message.generation_id or await self._commands.open_gate_of(self._user_id, self._session_id)
        return await self._commands.say(self._user_id, target, word)

    def _admitted(self) -> bool:
        """True while the client keeps to the limit. Once over it, it is not heard until the limit is fresh again."""
        now = self._clock.monotonic()
        self._tokens = min(float(_PER_SECOND), self._tokens + (now - self._counted_at) * _PER_SECOND)
        self._counted_at = now
        if self._deaf and self._tokens < _PER_SECOND:
            return False
        self._deaf = self._tokens < 1
        if self._deaf:
            self._refuse(
                "rate_limited",
                f"More than {_PER_SECOND} messages in a second: what came since was not read.",
                "Wait a second, then send again what was not acknowledged.",
            )
            return False
        self._tokens -= 1
        return True

    def _refuse(self, code: str, message: str, hint: str, message_id: str | None = None) -> None:
        payload = ErrorRaised(code=code, message=message, hint=hint, message_id=message_id)
        self._tell(ErrorEvent(timestamp=self._clock.now(), payload=payload))


def _parsed(text: str | None) -> UserFeedbackMessage | PingMessage:
    if text is None:
        raise InvalidInput("Binary messages are not read.", hint="Send JSON as text.")
    try:
        message: UserFeedbackMessage | PingMessage = CLIENT_MESSAGE.validate_json(text, strict=True)
    except ValidationError as error:
        raise _in_words(error) from error
    return message


def _in_words(error: ValidationError) -> InvalidInput:
    problem = error.errors(include_url=False)[0]
    kind = problem["type"]
    path = ".".join(str(part) for part in problem["loc"] if part not in {"user_feedback", "heartbeat"})
    if kind == "json_invalid":
        return InvalidInput("The message is not JSON.", hint='Send {"type": ..., "id": ..., "payload": {...}}.')
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return InvalidInput("The message has no type known here.", hint="Known: user_feedback, heartbeat.")
    if kind in {"model_attributes_type", "model_type", "dict_type"}:
        return InvalidInput(f"{path or 'The message'} must be a JSON object.", hint="Correct it and send it again.")
    if kind == "missing":
        what = f"'{path}' is missing"
    elif kind == "extra_forbidden":
        what = f"'{path}' is not known here"
    elif kind in KINDS:
        what = f"'{path}' must be {KINDS[kind]}"
    else:
        what = f"'{path}' is not legal: {problem['msg'].removeprefix('Input ').rstrip('.')}"
    return InvalidInput(f"{what}.", hint="Nothing was done. Correct it and send it again.")
