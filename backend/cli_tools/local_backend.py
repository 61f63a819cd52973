"""Makes ads in this process. Called by studio.py. Tests: tests/test_cli/test_generate.py"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.container import Container, open_container
from app.core.settings import Settings
from app.db.repositories import events as event_log
from app.db.repositories import generations
from app.db.repositories.users import LOCAL_USER_ID
from app.ports.events import Heard
from app.schemas.api import FeedbackBody
from app.schemas.events import ServerEvent
from app.schemas.unified_pipeline import UserFeedback
from cli_tools import brief
from cli_tools.backend import Ad
from cli_tools.delivery import Delivered, StoredSource, deliver
from cli_tools.purse import upgrade_body

_PAGE = 500


@asynccontextmanager
async def open_local(settings: Settings, keep: Sequence[str], *, wait_for_lock: bool) -> AsyncIterator[LocalBackend]:
    """Open the engine in this process."""
    async with open_container(settings, "run", keep=keep, wait_for_lock=wait_for_lock) as container:
        yield LocalBackend(container)


class LocalBackend:
    """Backend over this process's container."""

    def __init__(self, container: Container) -> None:
        self._container = container

    async def begin(self, ad: Ad) -> LocalLine:
        """See backend.Backend."""
        container = self._container
        if ad.request is not None:
            assets = await brief.store_images(container, ad.folder.request)
            request = ad.request.model_copy(update={"brand_assets": assets})
            started = await container.orchestrator.generate(request, pipeline=brief.pipeline_of(ad.folder.request))
            ad.folder.update(state="running", generation_id=started.generation_id)
            return LocalLine(container, ad, started.generation_id)
        async with container.sessions() as session:
            row = await generations.require(session, ad.folder.started_id)
        ad.session_id = str(row.session_id)
        if ad.retry is not None:
            one, again = ad.retry.scene_id, ad.retry.new_take
            await container.commands.retry_clip(row.user_id, row.id, one, new_take=again)
            return LocalLine(container, ad, await container.latest_run(row.id))
        if await self._pay(ad, row.id):
            return LocalLine(container, ad, await container.latest_run(row.id))
        if row.status == "completed":
            return LocalLine(container, ad, "")
        workflow_id = await container.resume(ad.folder.started_id)
        ad.folder.update(state="running")
        return LocalLine(container, ad, workflow_id)

    async def _pay(self, ad: Ad, generation_id: str) -> bool:
        """Say what the user says about money; true when that starts a run by itself."""
        money, purse = self._container.money, ad.purse
        if purse.scenes:
            found = await money.quote(LOCAL_USER_ID, generation_id, provider=purse.provider, scenes=purse.scenes)
            await money.upgrade(LOCAL_USER_ID, generation_id, upgrade_body(found.model_dump(mode="json"), purse))
            return True
        if purse.cap is not None:
            await money.set_cap(LOCAL_USER_ID, generation_id, purse.cap)
        if purse.charge:
            await money.decide(LOCAL_USER_ID, generation_id, purse.charge, "retry")
        return bool(purse.charge)

    async def deliver(self, ad: Ad, *, took_s: float) -> Delivered:
        """See backend.Backend."""
        container = self._container
        source = StoredSource(container.sessions, container.storage, container.settings)
        return await deliver(source, ad.folder, took_s=took_s)


class LocalLine:
    """Line to a run of this process."""

    def __init__(self, container: Container, ad: Ad, workflow_id: str) -> None:
        self._container = container
        self._ad = ad
        self._workflow_id = workflow_id
        self.is_over = not workflow_id

    async def wait(self) -> None:
        """See backend.Line."""
        await self._container.engine.wait(self._workflow_id)

    async def events(self) -> AsyncIterator[Heard]:
        """See backend.Line."""
        async for event in self._container.bus.listen(self._ad.session_id):
            yield event

    async def since(self, seq: int) -> list[ServerEvent]:
        """See backend.Line."""
        async with self._container.sessions() as session:
            rows = await event_log.since(session, self._ad.session_id, seq, _PAGE)
        return [event_log.to_wire(row) for row in rows]

    async def say(self, feedback: UserFeedback) -> None:
        """See backend.Line."""
        word = FeedbackBody.model_validate(feedback.model_dump())
        await self._container.commands.say(LOCAL_USER_ID, self._ad.folder.started_id, word)
