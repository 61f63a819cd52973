"""Variants side by side: what a client compares (FR48-50). Storage keys become signed addresses at the end.

Called by app/api/routes/groups.py. Tests: tests/test_api/test_groups.py, tests/test_integration/test_variants.py
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Generation, GenerationGroup
from app.db.repositories import documents, groups
from app.db.repositories.groups import GroupRow
from app.ports.links import Links
from app.schemas.api import GroupMember, GroupSummary, GroupView
from app.schemas.unified_pipeline import Variant
from app.services.unified_pipeline.scene_changes import scene_digest
from app.services.unified_pipeline.snapshots import summary
from app.services.unified_pipeline.variants import distinct


async def group_view(session: AsyncSession, group_id: str, user_id: str) -> GroupView:
    """Return a group and its ads, with storage keys where addresses will be.

    Raises:
        NotFound: No such group of this user.
    """
    group = await groups.require(session, group_id, user_id)
    rows = await groups.members(session, group.id, user_id)
    variants = [documents.request_of(row).variant or Variant() for row in rows]
    labels = distinct(each.label or row.title or row.prompt for each, row in zip(variants, rows, strict=True))
    return GroupView(
        **_described(group, rows),
        variants=[
            _member(row, each, rows[0]).model_copy(update={"label": label, "winner": row.id == group.winner_id})
            for row, each, label in zip(rows, variants, labels, strict=True)
        ],
    )


def group_summary(row: GroupRow) -> GroupSummary:
    """Return one row of the list of groups."""
    group = row.group
    return GroupSummary(
        id=group.id,
        title=group.title,
        winner_id=group.winner_id,
        members=row.members,
        completed=row.completed,
        created_at=group.created_at,
    )


async def sign_group(view: GroupView, links: Links) -> GroupView:
    """Return a group whose storage keys are signed addresses."""
    return view.model_copy(update={"variants": [await _signed(member, links) for member in view.variants]})


async def _signed(member: GroupMember, links: Links) -> GroupMember:
    keys = {"thumbnail_url": member.thumbnail_url, "final_video_url": member.final_video_url}
    return member.model_copy(update={name: await links.url(key) for name, key in keys.items() if key})


def _described(group: GenerationGroup, rows: list[Generation]) -> dict[str, object]:
    completed = sum(row.status == "completed" for row in rows)
    shown = group_summary(GroupRow(group, len(rows), completed))
    alive = {row.id for row in rows}
    return shown.model_dump() | {"winner_id": group.winner_id if group.winner_id in alive else None}


def _member(row: Generation, variant: Variant, first: Generation) -> GroupMember:
    plan, scenes = documents.plan_of(row), documents.scenes_of(row)
    return GroupMember(
        **summary(row, documents.poster_of(row)).model_dump(exclude={"variant"}),
        variant=variant.label,
        label="",
        hook=variant.hook,
        pacing=variant.pacing,
        duration_s=plan.duration_s if plan else None,
        scene_count=len(scenes),
        final_video_url=row.final_video_url,
        differs_in=_differing(row, first),
        shares_clips=_sharing(row, first),
    )


def _differing(row: Generation, first: Generation) -> list[int] | None:
    mine = {scene.id: scene_digest(scene) for scene in documents.scenes_of(row)}
    theirs = {scene.id: scene_digest(scene) for scene in documents.scenes_of(first)}
    if not mine or not theirs:
        return None
    return sorted(number for number in mine.keys() | theirs.keys() if mine.get(number) != theirs.get(number))


def _sharing(row: Generation, first: Generation) -> list[int]:
    if row.id == first.id:
        return []
    theirs = {clip.digest for clip in documents.video_clips_of(first) if clip.status == "complete"}
    mine = [clip for clip in documents.video_clips_of(row) if clip.status == "complete"]
    return sorted(clip.scene_id for clip in mine if clip.digest in theirs)
