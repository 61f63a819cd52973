"""What `admint doctor` asks of Replicate: whose token it is, and how each model differs from its catalogue entry.

Costs nothing. Called by cli_tools/checkup_replicate.py. Tests: tests/test_cli/test_doctor_replicate.py
"""

from __future__ import annotations

from app.core.errors import ModelGone
from app.core.settings import Settings
from app.providers.catalogue import catalogue
from app.providers.replicate.client import Pace, ReplicateClient
from app.providers.replicate.errors import PROVIDER
from app.providers.replicate.inputs import differences, input_schema
from app.schemas.catalogue import ImageEntry, VideoEntry


def client_of(settings: Settings) -> ReplicateClient:
    """Return the client that the settings describe. Raises ConfigError."""
    pace = Pace(timeout_s=min(20.0, settings.replicate_timeout_s))
    return ReplicateClient(settings.replicate_base_url, settings.replicate_api_token, pace)


async def account_name(settings: Settings) -> str:
    """Return whose token it is. Raises ProviderError."""
    return (await client_of(settings).account()).username


async def live_differences(settings: Settings) -> dict[str, list[str] | None]:
    """Return, for each of the vendor's models, how it differs from the catalogue; null: it has gone.

    Raises:
        ProviderError: They can't be asked for.
    """
    client = client_of(settings)
    entries: dict[str, ImageEntry | VideoEntry] = {**catalogue().images, **catalogue().videos}
    found: dict[str, list[str] | None] = {}
    for model, entry in entries.items():
        if entry.vendor != PROVIDER:
            continue
        try:
            schema = input_schema((await client.model(model)).latest_version)
        except ModelGone:
            found[model] = None
        else:
            found[model] = differences(schema, entry, entry.fields)
    return found
