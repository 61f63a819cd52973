"""What the replicate adapters of one run share: client, orders, live schemas, storage and the choice of models.

Built by each adapter's `build`. Tests: tests/test_providers/test_replicate_image/test_adapter.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.settings import Settings
from app.ports.storage import Storage
from app.providers.registry import ProviderDeps
from app.providers.replicate.client import Pace, ReplicateClient
from app.providers.replicate.hints import Hints
from app.providers.replicate.inputs import LiveSchemas
from app.providers.replicate.orders import Orders
from app.schemas.unified_pipeline import ModelChoice


@dataclass(frozen=True)
class Line:
    """The shared way to Replicate of one run's adapters."""

    client: ReplicateClient
    orders: Orders
    live: LiveSchemas
    storage: Storage
    work_dir: Path
    models: ModelChoice

    @classmethod
    def of(cls, deps: ProviderDeps, pace: Pace | None = None) -> Line:
        """Return the line that the settings describe; nothing is called."""
        given = deps.settings
        pace = pace or Pace(timeout_s=given.replicate_timeout_s)
        client = ReplicateClient(given.replicate_base_url, given.replicate_api_token, pace)
        orders = Orders(client, deps.storage, Hints(deps.cache) if deps.cache else None, _hooks(deps.settings))
        return cls(client, orders, LiveSchemas(client), deps.storage, deps.work_dir, deps.models)

    @property
    def plain(self) -> bool:
        """True when the API itself is reached over http: a stand-in on this machine."""
        return self.client.base_url.startswith("http://")


def _hooks(settings: Settings) -> str | None:
    """Return where Replicate can tell us of jobs; null where it could not reach us."""
    public = (settings.public_url or "").rstrip("/")
    reachable = public.startswith("https://") or settings.replicate_base_url.startswith("http://")
    return f"{public}/api/hooks/replicate" if public and reachable else None
