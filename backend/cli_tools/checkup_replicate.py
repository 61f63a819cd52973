"""The doctor's look at Replicate: a token that is set is tried, none costs no call; `--live` looks at each model.

Called by checkup.py and commands/doctor.py. Nothing here costs money. Tests: tests/test_cli/test_doctor_replicate.py
"""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from app.core.errors import AdMintError
from app.core.settings import Settings
from cli_tools.finding import Finding


def replicate(settings: Settings) -> Finding:
    """The token of Replicate, proven by asking whose it is."""
    if not _is_set(settings.replicate_api_token):
        return Finding("Replicate", "ok", "not set up; images and clips are made on this machine, for nothing")
    from app.providers.replicate.checks import account_name

    try:
        name = asyncio.run(account_name(settings))
    except AdMintError as error:
        return Finding("Replicate", "fail", error.message, error.hint)
    return Finding("Replicate", "ok", f"the token of {name} is accepted; its credit can't be asked for")


def replicate_models(settings: Settings) -> list[Finding]:
    """Every model of the catalogue, compared with what Replicate says today."""
    if not _is_set(settings.replicate_api_token):
        return [Finding("Replicate models", "warn", "not asked: there is no token", "Set REPLICATE_API_TOKEN.")]
    from app.providers.replicate.checks import live_differences

    try:
        found = asyncio.run(live_differences(settings))
    except AdMintError as error:
        return [Finding("Replicate models", "fail", error.message, error.hint)]
    return [_model(name, told) for name, told in found.items()]


def _is_set(key: SecretStr | None) -> bool:
    return key is not None and bool(key.get_secret_value().strip())


def _model(name: str, told: list[str] | None) -> Finding:
    if told is None:
        return Finding(name, "warn", "Replicate no longer has it", "Mark it `status: gone` in app/config/models.yaml.")
    if told:
        return Finding(name, "warn", "; ".join(told), "Correct its entry in app/config/models.yaml.")
    return Finding(name, "ok", "there, and takes what the catalogue says")
