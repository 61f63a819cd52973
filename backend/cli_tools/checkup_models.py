"""The doctor's look at the language model: free questions always, one paid token only when it is asked for or in use.

Listed in checkup.py. Tests: tests/test_cli/test_doctor_models.py
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.core.errors import AdMintError
from app.core.settings import Settings
from app.services.unified_pipeline.config_loader import load_config
from cli_tools.finding import Finding

if TYPE_CHECKING:
    from app.providers.openai_chat.endpoint import Endpoint

_NAME = "Language model"


def language_model(settings: Settings, *, live: bool = False) -> Finding:
    """The OpenAI-compatible endpoint: key, list of models, announced last day; `live` also asks it one question."""
    config = load_config()
    in_use = "openai" in (config.providers.text, config.providers.vision)
    if settings.openai_api_key is None and not _elsewhere(settings) and not in_use:
        return Finding(_NAME, "ok", "none set up; the template copywriter is free and needs no key")
    try:
        names = dict.fromkeys((config.models.text, config.models.vision))
        return asyncio.run(_looked(settings, tuple(names), live=live or in_use))
    except AdMintError as error:
        return Finding(_NAME, "fail" if in_use else "warn", error.message, error.hint)


def _elsewhere(settings: Settings) -> bool:
    return bool(settings.openai_base_url != Settings.model_fields["openai_base_url"].default)


async def _looked(settings: Settings, models: tuple[str, ...], *, live: bool) -> Finding:
    from app.providers.openai_chat.endpoint import Endpoint

    said = []
    for model in models:
        endpoint = Endpoint(settings, model)
        try:
            said.append(await _one(endpoint, live=live))
        finally:
            await endpoint.aclose()
    worst = next((each for each in said if each.state != "ok"), said[0])
    return Finding(_NAME, worst.state, "; ".join(each.found for each in said), worst.mend)


async def _one(endpoint: Endpoint, *, live: bool) -> Finding:
    await endpoint.check()
    ends = (await endpoint.listed()).get(endpoint.model) or endpoint.listed_end
    cost = f", answered for ${await endpoint.probe():f}" if live else ", listed (not asked: that costs; --live asks)"
    found = f"{endpoint.model} at {endpoint.where.host}{cost}"
    if ends:
        return Finding(
            _NAME, "warn", f"{found}, ends {ends}", "Choose a model without an end: models.text, models.vision."
        )
    return Finding(_NAME, "ok", found)
