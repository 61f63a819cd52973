"""The doctor's checks, one function each: what is looked at, what was found, how to mend it.

Called by commands/doctor.py. A check never raises what it can explain. Tests: tests/test_cli/test_doctor.py
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.core.errors import AdMintError
from app.core.security import signing_secret
from app.core.settings import Settings
from app.db.session import HEAD, current_revision
from app.kit.worker import run_job
from app.providers.catalogue import catalogue
from app.services.media.s3_uploader import S3Uploader
from app.services.unified_pipeline.config_loader import validate_all
from app.storage.objects import build_links, build_storage
from cli_tools.checkup_replicate import replicate
from cli_tools.checkup_scorer import scorer
from cli_tools.finding import Finding
from cli_tools.lock_holder import holder

_NEEDED_BYTES, _COMFORTABLE_BYTES = 500 * 10**6, 2 * 10**9
_NEEDED_MEMORY = 10**9
_SLOW_SYNC_S = 0.5
_OLDEST = (3, 11)


def python(_settings: Settings) -> Finding:
    """The interpreter."""
    version = platform.python_version()
    if sys.version_info < _OLDEST:
        return Finding("Python", "fail", version, "Install Python 3.11 or newer.")
    return Finding("Python", "ok", f"{version}, {platform.machine()}")


def cores(settings: Settings) -> Finding:
    """How many clips are rendered at once."""
    number = len(os.sched_getaffinity(0))
    return Finding("Cores", "ok", f"{number}; {settings.media_workers} clips at a time")


def memory(_settings: Settings) -> Finding:
    """Free memory."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    available = _available_memory() or free
    text = f"{available / 1e9:.1f} GB free"
    if available < _NEEDED_MEMORY:
        return Finding("Memory", "warn", text, "Close something, or set ADMINT_MEDIA_WORKERS=1.")
    return Finding("Memory", "ok", text)


def _available_memory() -> int | None:
    """What the kernel says could be had, caches included; null where it doesn't say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), None)


def disk(settings: Settings) -> Finding:
    """Room where the data is kept."""
    home = settings.home_path
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    text = f"{free / 1e9:.1f} GB free at {home}"
    if free < _NEEDED_BYTES:
        return Finding("Disk", "fail", text, "Free some space, or set ADMINT_HOME to another disk.")
    if free < _COMFORTABLE_BYTES:
        return Finding("Disk", "warn", text, "Enough for a few ads; free some space soon.")
    return Finding("Disk", "ok", text)


def writing(settings: Settings) -> Finding:
    """Writing and syncing a file in the data folder."""
    home = settings.home_path
    probe = home / f".doctor-{os.getpid()}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        with probe.open("wb") as target:
            target.write(os.urandom(1 << 20))
            target.flush()
            os.fsync(target.fileno())
        took = time.perf_counter() - began
        probe.unlink()
    except OSError as error:
        mend = "Set ADMINT_HOME to a folder you may write to."
        return Finding("Writing", "fail", f"{home}: {error.strerror}", mend)
    text = f"1 MB written and synced in {took * 1000:.0f} ms"
    if took > _SLOW_SYNC_S:
        return Finding("Writing", "warn", text, "A slow disk: set ADMINT_HOME to a local one.")
    return Finding("Writing", "ok", text)


def encoder(_settings: Settings) -> Finding:
    """H.264 and AAC, proven by three frames and a tone."""
    try:
        done = asyncio.run(run_job("app.kit.media.self_test:self_test_job", {}))
    except AdMintError as error:
        return Finding("Encoder", "fail", error.message, "Install AdMint again: its video library is damaged.")
    if done["missing"] or done["frames"] != 3:
        missing = ", ".join(done["missing"]) or "frames"
        return Finding("Encoder", "fail", f"missing: {missing}", "Install AdMint again; it brings its encoders along.")
    return Finding("Encoder", "ok", "H.264 and AAC; three frames encoded and read back")


def fonts(_settings: Settings) -> Finding:
    """The type faces AdMint brings along, proven by setting a line in each."""
    from app.providers.local_video.fonts import faces
    from app.providers.local_video.typeset import line_width

    missing = [face.path.name for face in faces().values() if not face.path.is_file()]
    if missing:
        return Finding("Fonts", "fail", f"missing: {', '.join(missing)}", "Install AdMint again.")
    unset = [name for name in faces() if line_width("AdMint", name, 40, 0) <= 0]
    if unset:
        return Finding("Fonts", "fail", f"can't set type in {', '.join(unset)}", "Install AdMint again.")
    return Finding("Fonts", "ok", f"{len(faces())} faces, a line set in each")


def database(settings: Settings) -> Finding:
    """Opens, and has the schema this AdMint wants."""
    if settings.is_sqlite and not _sqlite_file(settings).exists():
        return Finding("Database", "ok", "none yet; the first ad makes it")
    try:
        found = current_revision(settings.database_url)
    except AdMintError as error:
        return Finding("Database", "fail", error.message, error.hint)
    if found != HEAD:
        return Finding("Database", "warn", f"schema {found or 'none'}; this AdMint wants {HEAD}", "admint db upgrade")
    return Finding("Database", "ok", f"{'SQLite' if settings.is_sqlite else 'Postgres'}, schema {HEAD}")


def _sqlite_file(settings: Settings) -> Path:
    return Path(settings.database_url.partition(":///")[2])


def configuration(_settings: Settings) -> Finding:
    """Pipelines, prompts and the models' catalogue are complete and legal."""
    try:
        validate_all()
        catalogue()
    except AdMintError as error:
        return Finding("Configuration", "fail", error.message, error.hint or "Undo the last change to that file.")
    return Finding("Configuration", "ok", "every pipeline, prompt and model entry is valid")


def bucket(settings: Settings) -> Finding:
    """The bucket, proven by a byte that is stored, read through a signed link and deleted."""
    if not settings.s3_bucket:
        if settings.s3_endpoint_url or settings.s3_access_key_id:
            return Finding("Bucket", "warn", "S3_* is set, but no S3_BUCKET: media stays here", "Set S3_BUCKET.")
        return Finding("Bucket", "ok", f"none; media stays in {settings.media_path}")
    began = time.perf_counter()
    try:
        links = build_links(settings, signing_secret(settings))
        asyncio.run(S3Uploader(build_storage(settings), links).check())
    except AdMintError as error:
        return Finding("Bucket", "fail", error.message, error.hint)
    took = time.perf_counter() - began
    return Finding("Bucket", "ok", f"{settings.s3_bucket}; a byte stored, read and deleted in {took * 1000:.0f} ms")


def lock(settings: Settings) -> Finding:
    """Whether somebody works here right now."""
    found = holder(settings) if settings.is_sqlite else None
    if found is None:
        return Finding("Lock", "ok", "nobody else works here")
    what = f"a {found.get('kind', 'process')} works here (pid {found.get('pid', '?')})"
    return Finding("Lock", "warn", what, "New ads wait for it; nothing to mend if it is yours.")


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    python,
    cores,
    memory,
    disk,
    writing,
    encoder,
    fonts,
    database,
    bucket,
    configuration,
    scorer,
    lock,
    replicate,
)
