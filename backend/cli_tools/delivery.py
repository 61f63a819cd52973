"""Fills the output folder of a finished ad from the store: film, clips, references, words, metadata.

Every file is written to a temporary name and renamed, so a folder never holds half a file.
Called by local_backend.py, remote_backend.py and `admint export`. Tests: tests/test_cli/test_generate.py
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import urlsplit

from app.core.errors import StorageError
from app.core.settings import Settings
from app.db.models import Generation
from app.db.repositories import events as event_log
from app.db.repositories import generations
from app.db.repositories.documents import config_of, plan_of, references_of, scenes_of, storyboard_of, video_clips_of
from app.kit.clock import SystemClock
from app.schemas.events import GenerationComplete, GenerationCompleteEvent
from app.schemas.money import CostsView, Limits
from app.services.media import exports
from app.services.unified_pipeline.bills import costs_of
from app.storage.local import LocalStorage
from cli_tools.run_folder import FINAL, METADATA, RunFolder, write_json

_PAGE = 500
CURRENCY = "USD"
_BASIS = {"reported": "the provider's bill", "list_price": "list prices", "estimate": "estimates", "free": "free"}
SHEET = "contact-sheet.png"


@dataclass
class Delivered:
    """What is in the folder now. `files` are paths in it; `metadata` is the content of metadata.json."""

    folder: Path
    row: Generation
    complete: GenerationComplete | None
    costs: CostsView = field(default_factory=CostsView)
    files: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> Path | None:
        """The film, null when the pipeline was told to make none."""
        return self.folder / FINAL if FINAL in self.files else None


class Source(Protocol):
    """Where a finished ad is taken from."""

    async def read(self, generation_id: str) -> tuple[Generation, GenerationComplete | None]:
        """Return the ad, and what was said when it was done. Raises NotFound."""

    async def costs(self, generation_id: str) -> CostsView:
        """Return what it cost. Raises NotFound."""

    async def fetch(self, key: str, target: Path) -> None:
        """Write a stored file to `target`. Raises NotFound."""

    async def sheet(self, row: Generation, target: Path) -> None:
        """Write a contact sheet of the film to `target`."""


class StoredSource:
    """Source over this machine's database and store."""

    def __init__(self, sessions: Any, storage: LocalStorage, settings: Settings) -> None:
        """`sessions` opens a database session, as the container and `open_database` give it."""
        self._sessions = sessions
        self._storage = storage
        self._settings = settings

    async def read(self, generation_id: str) -> tuple[Generation, GenerationComplete | None]:
        """See Source."""
        async with self._sessions() as session:
            row = await generations.require(session, generation_id)
            return row, await _completion(session, row)

    async def costs(self, generation_id: str) -> CostsView:
        """See Source."""
        limits = Limits(cap_usd=self._settings.cap_usd, daily_cap_usd=self._settings.daily_cap_usd)
        async with self._sessions() as session:
            return await costs_of(session, generation_id, limits, SystemClock().now())

    async def fetch(self, key: str, target: Path) -> None:
        """See Source."""
        async with self._storage.local_copy(key) as source:
            await asyncio.to_thread(shutil.copyfile, source, target)

    async def sheet(self, row: Generation, target: Path) -> None:
        """See Source; made once and kept in the store."""
        film = str(row.final_video_url)
        key = str(PurePosixPath(film).with_suffix(".sheet.png"))
        if not await self._storage.exists(key):
            await exports.make_contact_sheet(self._storage, film, key, self._settings.work_path)
        await self.fetch(key, target)


async def deliver(source: Source, folder: RunFolder, *, took_s: float) -> Delivered:
    """Fill the folder and return what is in it. Raises StorageError, NotFound."""
    row, complete = await source.read(folder.started_id)
    delivered = Delivered(folder.path, row, complete, await source.costs(row.id))
    try:
        for key, name in _stored_files(row):
            with _whole(folder.path / name) as temporary:
                await source.fetch(key, temporary)
            delivered.files.append(name)
        await asyncio.to_thread(_write_words, row, delivered)
        if row.final_video_url is not None:
            with _whole(folder.path / SHEET) as temporary:
                await source.sheet(row, temporary)
            delivered.files.append(SHEET)
        delivered.metadata = await asyncio.to_thread(_metadata, delivered, took_s)
        await asyncio.to_thread(write_json, folder.path / METADATA, delivered.metadata)
        delivered.files.append(METADATA)
    except OSError as error:
        raise StorageError(
            f"Can't write to {folder.shown}: {error.strerror}.",
            hint="Make room or choose another folder; the ad itself is safe. Then run `admint resume`.",
        ) from error
    return delivered


async def _completion(session: Any, row: Generation) -> GenerationComplete | None:
    """Return what the last `generation_complete` of this ad said, the delivery check's findings among it."""
    found: GenerationComplete | None = None
    seq = 0
    while rows := await event_log.since(session, row.session_id or "", seq, _PAGE):
        for each in rows:
            seq = each.seq
            event = event_log.to_wire(each)
            if isinstance(event, GenerationCompleteEvent) and each.generation_id == row.id:
                found = event.payload
    return found


def _stored_files(row: Generation) -> Iterable[tuple[str, str]]:
    """Yield (storage key, path in the folder) of everything that is copied as it is; the film comes last."""
    for clip in video_clips_of(row):
        if clip.url:
            yield clip.url, f"clips/scene-{clip.scene_id}{_suffix(clip.url)}"
    seen: dict[str, int] = {}
    for reference in references_of(row):
        seen[reference.type] = number = seen.get(reference.type, 0) + 1
        suffix = _suffix(reference.url)
        yield reference.url, f"references/{reference.type}{'' if number == 1 else f'-{number}'}{suffix}"
    for scene_id, key in sorted(storyboard_of(row).items()):
        yield key, f"storyboard/scene-{scene_id}{_suffix(key)}"
    if row.final_video_url:
        yield row.final_video_url, FINAL


def _suffix(key: str) -> str:
    """Return the suffix of a storage key, or of an address that ends in a query."""
    return PurePosixPath(urlsplit(key).path).suffix


def _write_text(target: Path, text: str) -> None:
    with _whole(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


class _whole:  # noqa: N801 - reads like the context manager it is
    """Yield a temporary name beside `target`; rename it on success, remove it otherwise."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._temporary = target.with_name(f".{target.name}.{os.getpid()}.part")

    def __enter__(self) -> Path:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        return self._temporary

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._temporary.replace(self._target)
        else:
            self._temporary.unlink(missing_ok=True)


def _write_words(row: Generation, delivered: Delivered) -> None:
    scenes = scenes_of(row)
    if row.story_text:
        _write_text(delivered.folder / "story.md", row.story_text)
        delivered.files.append("story.md")
    if scenes:
        write_json(delivered.folder / "scenes.json", [scene.model_dump(mode="json") for scene in scenes])
        _write_text(delivered.folder / "captions.vtt", exports.captions_vtt(scenes))
        delivered.files += ["scenes.json", "captions.vtt"]


def _metadata(delivered: Delivered, took_s: float) -> dict[str, Any]:
    row, config, plan = delivered.row, config_of(delivered.row), plan_of(delivered.row)
    request = dict(row.request or {})
    return {
        "admint": version(),
        "generation_id": row.id,
        "title": row.title,
        "prompt": row.prompt,
        "created": row.created_at.isoformat(),
        "completed": row.completed_at.isoformat() if row.completed_at else None,
        "took_s": round(took_s, 1),
        "request": request,
        "plan": plan.model_dump(mode="json") if plan else None,
        "config": config.model_dump(mode="json"),
        "providers": config.providers.model_dump(mode="json"),
        "seeds": {"ad": plan.seed if plan else None},
        "story_score": row.story_quality_score,
        "duration_s": delivered.complete.duration if delivered.complete else None,
        "checks": delivered.complete.checks if delivered.complete else [],
        "cost": cost(delivered.costs),
        "files": [_file_facts(delivered.folder, name) for name in delivered.files],
        "versions": {"python": platform.python_version()},
    }


def cost(costs: CostsView) -> dict[str, Any]:
    """Return what the ad cost, and where the figures come from; `unknown` may have been charged on top of it."""
    sources = sorted({call.cost_source for call in costs.calls if call.cost_usd and call.cost_source})
    return {
        "amount": f"{costs.spent_usd:.2f}",
        "currency": CURRENCY,
        "basis": " and ".join(_BASIS[source] for source in sources) or "made on this machine",
        "unknown": f"{sum(call.up_to_usd for call in costs.unknown):.2f}",
        "calls": [call.model_dump(mode="json", exclude={"id"}) for call in costs.calls],
    }


def _file_facts(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"path": name, "bytes": path.stat().st_size, "sha256": digest}


def version() -> str:
    """Return AdMint's version."""
    from app.core.version import admint_version

    return admint_version()
