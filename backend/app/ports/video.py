"""Video making, split so that the engine can store a remote id between submit and poll.

Adapters: app/providers/*_video. Suite: tests/test_providers/test_local_video/.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Protocol

from app.ports.image import PaidImageModel
from app.ports.remote import RemoteJobs
from app.schemas.providers import CallContext, ImagePlan, JobState, RemoteJob, VideoPlan, VideoRequest

POSTER_AT = 0.78
"""Where in a scene its still is taken, as a share of its length: everything has arrived, nothing leaves yet."""


def poster_key(clip_key: str) -> str:
    """Return the key of a clip's poster (JPEG), which a model may store beside the clip."""
    return str(PurePosixPath(clip_key).with_suffix(".jpg"))


class VideoModel(Protocol):
    """plan -> estimate -> submit -> poll -> fetch; cancel at any time."""

    name: str
    queue: str
    """Durable queue its jobs belong to: ``media`` for local rendering, ``remote`` for paid jobs."""

    @property
    def lengths_s(self) -> Sequence[float] | None:
        """The lengths of clip it makes, in seconds; null when any will do. The ad's scenes are planned by them."""

    def plan(self, request: VideoRequest) -> VideoPlan:
        """Clamp the request to what the model can do; record every downgrade. Raises InvalidInput."""

    def estimate(self, plan: VideoPlan) -> Decimal:
        """Return the list price in USD; zero for local work."""

    async def submit(self, plan: VideoPlan, output_key: str, ctx: CallContext) -> RemoteJob:
        """Accept the job and return its id at once. Raises ProviderError."""

    async def poll(self, job: RemoteJob) -> JobState:
        """Return the job's state; a local job unknown to this process is started again from its stored plan."""

    async def cancel(self, job: RemoteJob) -> None:
        """Stop the job if it still runs."""

    async def fetch(self, job: RemoteJob) -> str:
        """Make sure the finished clip is stored under `job.output_key`, verified; return the key.

        A poster may be stored beside it, under `poster_key(job.output_key)`.
        """

    async def still(self, plan: VideoPlan, at: float, output_key: str) -> str:
        """Store one frame (JPEG) `at` seconds into the clip as a storyboard still; return the key."""


class PaidVideoModel(VideoModel, RemoteJobs[VideoPlan], Protocol):
    """A video model that costs money. `estimate` says what the plan still has to buy, its keyframe included.

    Where `keyframe` returns a picture, the clip begins with it. It may be bought by itself, from `keyframes`, and put
    into the plan by `with_keyframe`; otherwise `submit` buys it first, and the clip's cost includes it.
    """

    @property
    def keyframes(self) -> PaidImageModel:
        """What the opening pictures are bought from."""

    def keyframe(self, plan: VideoPlan) -> ImagePlan | None:
        """Return the picture that has yet to be bought for the clip, null when there is none."""

    def plainer(self, plan: VideoPlan) -> VideoPlan | None:
        """Return the plan in words that a content policy is least likely to refuse; null when it has them already."""

    def with_keyframe(self, plan: VideoPlan, key: str) -> VideoPlan:
        """Return the plan with its opening picture, stored under `key`."""
