"""Makes ads at a server: asks over HTTP, follows the socket, downloads what is finished.

Called by studio.py. Tests: tests/test_cli/test_remote.py
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import websockets

from app.core.errors import AdMintError, ChargeUnknown, Interrupted, InvalidInput, OverCap, StorageError, Unauthorized
from app.db.models import Generation
from app.kit.worker import run_job
from app.ports.events import Heard
from app.schemas.events import SERVER_EVENT, GenerationComplete, GenerationCompleteEvent, ServerEvent
from app.schemas.money import CostsView
from app.schemas.unified_pipeline import UserFeedback, VideoClip
from app.services.unified_pipeline.config_loader import DEFAULT
from cli_tools import brief
from cli_tools.backend import Ad
from cli_tools.delivery import Delivered, deliver
from cli_tools.door import Door
from cli_tools.intake import images_of
from cli_tools.purse import upgrade_body
from cli_tools.remote_api import RemoteApi
from cli_tools.render import Screen

_PAGE = 200
_LOOK_S = 2.0
_LONGEST_PAUSE_S = 30.0
_STOPPED = frozenset({"paused", "cancelled", "expired"})
_REFUSED = frozenset({4401, 4403, 4404})


@asynccontextmanager
async def open_remote(screen: Screen, door: Door) -> AsyncIterator[RemoteBackend]:
    """Open the connection to a server."""
    async with RemoteApi(door) as api:
        await api.get("/api/auth/me")
        screen.say(f"Making it at the AdMint server {door.url}.")
        yield RemoteBackend(api)


class RemoteBackend:
    """Backend over a server's API."""

    def __init__(self, api: RemoteApi) -> None:
        self._api = api

    async def begin(self, ad: Ad) -> RemoteLine:
        """See backend.Backend."""
        if ad.request is None:
            return await self._go_on(ad)
        if brief.pipeline_of(ad.folder.request) != DEFAULT:
            raise InvalidInput(
                "A pipeline of your own can't be used at a server.",
                hint="Change single settings with --set, or stop the server first.",
            )
        body = {
            **ad.request.model_dump(mode="json", exclude={"config", "brand_assets", "variant"}),
            "config": {"overrides": ad.request.config},
            "brand_assets": await self._upload(ad),
        }
        started = await self._api.post("/api/v2/generate", body, key=ad.session_id)
        ad.folder.update(state="running", generation_id=started["generation_id"])
        return RemoteLine(self._api, ad)

    async def _go_on(self, ad: Ad) -> RemoteLine:
        view = await self._api.get(f"/api/generations/{ad.folder.started_id}")
        ad.session_id = str(view["session_id"])
        if ad.retry is not None:
            path = f"/api/generations/{ad.folder.started_id}/clips/{ad.retry.scene_id}/retry"
            await self._api.post(path, {"new_take": ad.retry.new_take})
            return RemoteLine(self._api, ad)
        if await self._pay(ad):
            return RemoteLine(self._api, ad)
        if view["status"] == "completed":
            return RemoteLine(self._api, ad, over=True)
        view = await self._api.get(f"/api/generations/{ad.folder.started_id}")
        if "resume" in view["actions"]:
            await self._api.post(f"/api/generations/{ad.folder.started_id}/resume")
        ad.folder.update(state="running")
        return RemoteLine(self._api, ad)

    async def _pay(self, ad: Ad) -> bool:
        """Say what the user says about money; true when that starts a run by itself."""
        path, purse = f"/api/generations/{ad.folder.started_id}", ad.purse
        if purse.scenes:
            scenes = ",".join(map(str, purse.scenes))
            found = await self._api.get(f"{path}/quote", provider=purse.provider, scenes=scenes)
            await self._api.post(f"{path}/upgrade", upgrade_body(found, purse).model_dump(mode="json"))
            return True
        if purse.cap is not None:
            await self._api.post(f"{path}/cap", {"cap_usd": purse.cap})
        if purse.charge:
            await self._api.post(f"{path}/charges/{purse.charge}", {"decision": "retry"})
        return bool(purse.charge)

    async def _upload(self, ad: Ad) -> dict[str, Any]:
        ids: dict[str, list[str]] = {"product": [], "character": [], "logo": []}
        for kind, path in images_of(ad.folder.request):
            ids[kind].append(await self._api.upload(Path(path), kind))
        logo = ids["logo"][0] if ids["logo"] else None
        return {"product_images": ids["product"], "character_images": ids["character"], "logo": logo}

    async def deliver(self, ad: Ad, *, took_s: float) -> Delivered:
        """See backend.Backend."""
        return await deliver(RemoteSource(self._api), ad.folder, took_s=took_s)


class RemoteLine:
    """Line to a run at a server."""

    def __init__(self, api: RemoteApi, ad: Ad, *, over: bool = False) -> None:
        self._api = api
        self._ad = ad
        self._changed = asyncio.Event()
        self._seq = 0
        self.is_over = over

    async def wait(self) -> None:
        """See backend.Line; asks at each change of state, and every two seconds in any case."""
        while True:
            view = await self._api.get(f"/api/generations/{self._ad.folder.started_id}")
            if view["status"] == "completed":
                return
            if view["status"] == "failed":
                raise _failure(view)
            if view["substage"] == "over_cap":
                raise OverCap(str(view["error_message"] or "A cap was reached."))
            if view["substage"] in _STOPPED:
                raise Interrupted(f"The ad is {view['substage']}.", hint="`admint resume` goes on from there.")
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), _LOOK_S)
            except TimeoutError:
                continue

    async def events(self) -> AsyncIterator[Heard]:
        """See backend.Line; connects again whenever the connection breaks.

        Raises:
            Unauthorized: The server does not let us listen.
        """
        pause = 1.0
        while True:
            try:
                async with websockets.connect(self._address(), additional_headers=self._headers()) as socket:
                    pause = 1.0
                    async for text in socket:
                        yield self._heard(text)
            except (OSError, websockets.WebSocketException) as error:
                refused = isinstance(error, websockets.ConnectionClosed) and error.rcvd and error.rcvd.code
                if refused in _REFUSED:
                    raise Unauthorized("The server does not let us listen.", hint="Check the token.") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _address(self) -> str:
        return f"{self._api.door.url.replace('http', 'ws', 1)}/ws/{self._ad.session_id}?since={self._seq}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api.door.token}"}

    def _heard(self, text: str | bytes) -> ServerEvent:
        event: ServerEvent = SERVER_EVENT.validate_json(text)
        self._seq = event.seq or self._seq
        if event.type in {"status_changed", "generation_complete", "error"}:
            self._changed.set()
        return event

    async def since(self, seq: int) -> list[ServerEvent]:
        """See backend.Line."""
        page = await self._api.get(f"/api/sessions/{self._ad.session_id}/events", since=seq, limit=_PAGE)
        return [SERVER_EVENT.validate_python(each) for each in page["events"]]

    async def say(self, feedback: UserFeedback) -> None:
        """See backend.Line."""
        body = feedback.model_dump(mode="json")
        await self._api.post(f"/api/generations/{self._ad.folder.started_id}/feedback", body)


class RemoteSource:
    """Source over a server's API; storage keys are its signed addresses."""

    def __init__(self, api: RemoteApi) -> None:
        self._api = api

    async def read(self, generation_id: str) -> tuple[Generation, GenerationComplete | None]:
        """See delivery.Source."""
        view = await self._api.get(f"/api/generations/{generation_id}")
        complete, seq = None, 0
        while True:
            page = await self._api.get(f"/api/generations/{generation_id}/events", since=seq, limit=_PAGE)
            for raw in page["events"]:
                event = SERVER_EVENT.validate_python(raw)
                seq = event.seq or seq
                if isinstance(event, GenerationCompleteEvent) and event.generation_id == generation_id:
                    complete = event.payload
            if not page["has_more"]:
                return row_of(view), complete

    async def costs(self, generation_id: str) -> CostsView:
        """See delivery.Source."""
        return CostsView.model_validate(await self._api.get(f"/api/generations/{generation_id}/costs"))

    async def fetch(self, key: str, target: Path) -> None:
        """See delivery.Source."""
        await self._api.fetch(key, target)

    async def sheet(self, row: Generation, target: Path) -> None:
        """See delivery.Source; drawn here, of the film that was downloaded."""
        film = target.with_suffix(".film.mp4")
        try:
            await self._api.fetch(str(row.final_video_url), film)
            await run_job("app.services.media.exports:contact_sheet_job", {"path": str(film), "output": str(target)})
        finally:
            film.unlink(missing_ok=True)


def row_of(view: dict[str, Any]) -> Generation:
    """Return a server's snapshot as the row the command line shows; it belongs to no database."""
    columns = {column.key for column in Generation.__table__.columns}
    values = {name: value for name, value in view.items() if name in columns}
    for name in ("created_at", "updated_at", "completed_at"):
        values[name] = datetime.fromisoformat(view[name]) if view.get(name) else None
    values["video_clips"] = [
        {name: value for name, value in clip.items() if name in VideoClip.model_fields}
        for clip in view.get("video_clips") or []
    ]
    return Generation(**values)


def _failure(view: dict[str, Any]) -> AdMintError:
    message = str(view.get("error_message") or "The ad failed.")
    if view.get("error_code") == ChargeUnknown.code:
        return ChargeUnknown(message)
    return StorageError(message, hint="`admint resume` goes on from there.")
