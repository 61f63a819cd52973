"""Every failure as the one envelope: our errors, the framework's, and those nobody foresaw.

Installed by app/main.py; middlewares use `failure_response`. Tests: tests/test_api/test_middleware.py
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.api.headers import SECURITY_HEADERS
from app.core.errors import AdMintError, ConfigError
from app.kit.validation import KINDS
from app.schemas.api import ErrorBody, Failure

logger = logging.getLogger(__name__)

_MEANINGS = {
    400: "The input is not legal.",
    401: "Nobody is signed in, or the sign-in has ended.",
    403: "Not allowed from there, or not in this mode.",
    404: "There is no such thing, or it is another user's.",
    405: "The address does not take this method.",
    409: "Not possible in the present state, or changed by someone else meanwhile.",
    413: "The body is too large.",
    422: "The input can't be processed.",
    429: "A limit is reached; `Retry-After` says when to come back.",
    500: "Something unexpected went wrong.",
    503: "Something this needs is out of reach for now.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": meaning} for status, meaning in _MEANINGS.items()
}
"""For `responses=` of every route."""

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_RETRY_S = "2"


def failure_response(status: int, body: ErrorBody, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the envelope of a failure."""
    return JSONResponse(Failure(error=body).model_dump(mode="json"), status, headers=headers)


def of_error(error: AdMintError) -> JSONResponse:
    """Return the envelope of one of our errors. What is wrong with the server's own set-up stays in its log."""
    headers = {}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, round(retry_after)))
    elif error.http_status == 503:
        headers["Retry-After"] = _RETRY_S
    body = ErrorBody(code=error.code, message=error.message, hint=error.hint)
    if isinstance(error, ConfigError) or error.http_status >= 500:
        logger.error("request failed", extra={"code": error.code, "reason": str(error)})
    return failure_response(error.http_status, body, headers)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(AdMintError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AdMintError)
    return of_error(error)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [{"where": _where(each["loc"]), "message": _in_words(each)} for each in error.errors()]
    first = problems[0]
    message = f"{first['where']} {first['message']}".strip() if first["where"] else first["message"]
    body = ErrorBody(
        code="invalid_input",
        message=f"{message[:1].upper()}{message[1:]}.",
        hint="Nothing was done. Correct it and send it again.",
        details={"problems": problems},
    )
    return failure_response(400, body)


def _where(place: Sequence[str | int]) -> str:
    """Return the place as people write it: `config.parallel_variants`, `limit`, `Idempotency-Key`."""
    return ".".join(str(part) for part in place[1:]) if place and place[0] != "body" else ".".join(map(str, place[1:]))


def _in_words(problem: Mapping[str, Any]) -> str:
    kind = problem["type"]
    if kind == "missing":
        return "is missing" if len(problem["loc"]) > 1 else "the body is missing"
    if kind == "json_invalid":
        return "the body is not JSON"
    if kind == "extra_forbidden":
        return "is not known here"
    if kind in KINDS:
        return f"must be {KINDS[kind]}"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    return str(problem["msg"]).removeprefix("Input ").rstrip(".")


async def _framework(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        body = ErrorBody(code="not_found", message="There is nothing at this address.", hint="See /openapi.json.")
    elif error.status_code == 405:
        body = ErrorBody(code="method_not_allowed", message="This address does not take that method.")
    else:
        code = _CODES.get(error.status_code, "invalid_input" if error.status_code < 500 else "internal")
        body = ErrorBody(code=code, message=str(error.detail))
    return failure_response(error.status_code, body, error.headers)


async def _database(_request: Request, error: Exception) -> JSONResponse:
    logger.error("database failed", exc_info=error)
    body = ErrorBody(
        code="storage_error",
        message="The database is out of reach or busy.",
        hint="Try again in a moment; nothing was lost.",
    )
    return failure_response(503, body, {"Retry-After": _RETRY_S})


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error)
    request_id = getattr(request.state, "request_id", "")
    body = ErrorBody(
        code="internal",
        message="Something unexpected went wrong.",
        hint="Try again; what was finished is kept.",
        details={"request_id": request_id},
    )
    # Sent from outside the middlewares, so it brings their headers itself.
    return failure_response(500, body, {**SECURITY_HEADERS, "X-Request-ID": request_id, "Cache-Control": "no-store"})
