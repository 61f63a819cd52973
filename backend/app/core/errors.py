"""The one error tree. Raised everywhere, shown at the borders only (CLI renderer, HTTP handler).

AdMintError                       everything we raise on purpose
├── UserError                     the caller can mend it; never retried
│   ├── InvalidInput              bad prompt, flag, file or image            (HTTP 400, exit 2)
│   ├── ConfigError               a YAML file or setting is wrong            (HTTP 500, exit 3)
│   ├── NotFound                  no such generation, asset or run           (HTTP 404, exit 4)
│   ├── Conflict                  another process holds it, or it is stale   (HTTP 409, exit 5)
│   ├── TooLarge                  a body or file over its limit              (HTTP 413, exit 2)
│   ├── Unauthorized              nobody is signed in, or no longer          (HTTP 401, exit 10)
│   ├── Forbidden                 not from there, not in this mode           (HTTP 403, exit 10)
│   ├── OverCap                   it would cost more than the cap allows     (HTTP 402, exit 12)
│   ├── ChargeUnknown             nobody knows if a call was charged; ask    (HTTP 409, exit 13)
│   └── TooManyRequests           over a limit; carries retry_after seconds  (HTTP 429, exit 11)
├── ProviderError                 a model or service answered badly; carries provider, model, remote_id
│   ├── Transient                 worth another try
│   │   └── RateLimited           carries retry_after seconds
│   ├── AuthFailed                a key is missing or refused
│   ├── QuotaExhausted            the account behind the key has no credit left
│   ├── ModelGone                 the provider no longer has that model
│   ├── AmbiguousSubmit           an order may or may not have been taken; nobody may repeat it blindly
│   ├── Rejected                  the provider says the request itself is wrong
│   │   └── BriefUnclear          it does not say what to advertise; the hint asks
│   ├── SafetyRefused             content policy; the prompt must change
│   └── BadOutput                 unreadable or off-contract output
├── MediaError                    a file of ours is unreadable or fails its check (HTTP 500, exit 6)
├── StorageError                  disk full, store unreachable               (HTTP 503, exit 7)
├── StageTimeout                  a stage ran out of time; its work is kept  (exit 8)
└── Interrupted                   stopped by the user or by a restart; resumable (exit 130)

Every error has a `message` (what happened), a `hint` (the next step) and a stable `code`.
Tests: tests/test_house/test_errors.py
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar


class AdMintError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: What happened, one sentence, safe to show to a user.
        hint: The next step, one sentence; empty when there is none.
    """

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.__dict__)


def _rebuild(cls: type[AdMintError], state: dict[str, object]) -> AdMintError:
    error = cls.__new__(cls)
    Exception.__init__(error, state.get("message"), state.get("hint"))
    error.__dict__.update(state)
    return error


class UserError(AdMintError):
    """The caller can mend it."""

    code = "user_error"
    http_status = 400
    exit_code = 2


class InvalidInput(UserError):
    """A prompt, flag, file or image we refuse, with the reason."""

    code = "invalid_input"


class ConfigError(UserError):
    """A configuration file or setting is wrong; the message names file and line."""

    code = "config_error"
    http_status = 500
    exit_code = 3


class NotFound(UserError):
    """No such generation, asset or run."""

    code = "not_found"
    http_status = 404
    exit_code = 4


class Conflict(UserError):
    """Another process holds the resource, or the caller acted on something stale."""

    code = "conflict"
    http_status = 409
    exit_code = 5


class TooLarge(UserError):
    """A body or a file is over its limit."""

    code = "too_large"
    http_status = 413


class Unauthorized(UserError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "unauthorized"
    http_status = 401
    exit_code = 10


class Forbidden(UserError):
    """The request comes from a place, or asks for a thing, that is not allowed here."""

    code = "forbidden"
    http_status = 403
    exit_code = 10


class OverCap(UserError):
    """Going on could cost more than the cap allows; nothing was bought. Raising the cap goes on."""

    code = "over_cap"
    http_status = 402
    exit_code = 12


class ChargeUnknown(UserError):
    """A paid call may or may not have been charged. It is never repeated by itself: the user decides."""

    code = "charge_unknown"
    http_status = 409
    exit_code = 13


class TooManyRequests(UserError):
    """A limit is reached; the same request works again after `retry_after` seconds."""

    code = "too_many_requests"
    http_status = 429
    exit_code = 11

    def __init__(self, message: str, *, retry_after: float, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ProviderError(AdMintError):
    """A model or service answered badly.

    Args:
        message: Safe to show; never holds secrets or signed URLs.
        provider: Registry name, for example ``local`` or ``replicate``.
        model: Model id, empty when unknown.
        remote_id: The provider's id of the job, empty when there is none.

    Attributes:
        cost_usd: What the failed call cost; 0 when it surely cost nothing, null when nobody can tell.
    """

    code = "provider_error"
    http_status = 502
    exit_code = 9
    cost_usd: Decimal | None = Decimal(0)

    def __init__(
        self, message: str, *, hint: str = "", provider: str = "", model: str = "", remote_id: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.provider = provider
        self.model = model
        self.remote_id = remote_id


class Transient(ProviderError):
    """Worth another try."""

    code = "provider_transient"


class RateLimited(Transient):
    """The provider asks us to wait `retry_after` seconds."""

    code = "provider_rate_limited"

    def __init__(self, message: str, *, retry_after: float, provider: str = "", model: str = "") -> None:
        super().__init__(message, provider=provider, model=model)
        self.retry_after = retry_after


class AuthFailed(ProviderError):
    """A key is missing or refused; the hint names the variable and the free alternative."""

    code = "provider_auth"


class QuotaExhausted(ProviderError):
    """The account behind the key has no credit left; trying again does not help."""

    code = "provider_quota"


class ModelGone(ProviderError):
    """The provider no longer has that model, or never had it under this name."""

    code = "provider_model_gone"


class AmbiguousSubmit(ProviderError):
    """An order was sent and no answer came: it may have been taken. It is looked for, never just repeated."""

    code = "provider_ambiguous"
    cost_usd = None


class Rejected(ProviderError):
    """The provider says that the request itself is wrong."""

    code = "provider_rejected"


class BriefUnclear(Rejected):
    """The brief does not say what to advertise; the hint is the question, an answer goes on with the ad."""

    code = "brief_unclear"


class SafetyRefused(ProviderError):
    """Refused by a content policy; the prompt must change."""

    code = "provider_safety"


class BadOutput(ProviderError):
    """The provider's output is unreadable or off its contract."""

    code = "provider_bad_output"


class MediaError(AdMintError):
    """A media file of ours is unreadable or fails its check."""

    code = "media_error"
    exit_code = 6


class StorageError(AdMintError):
    """The disk is full, or the object store can't be reached."""

    code = "storage_error"
    http_status = 503
    exit_code = 7


class StageTimeout(AdMintError):
    """A stage ran out of time. Its work is kept; `admint resume` goes on."""

    code = "stage_timeout"
    http_status = 504
    exit_code = 8


class Interrupted(AdMintError):
    """Stopped by the user or by a restart. Resumable."""

    code = "interrupted"
    http_status = 409
    exit_code = 130
