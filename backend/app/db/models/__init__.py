"""The tables of AdMint, one noun a file. Importing this package fills `Base.metadata`.

Tests: tests/test_db/test_schema.py
"""

from app.db.models.api_token import ApiToken
from app.db.models.asset import Asset
from app.db.models.auth_session import AuthSession
from app.db.models.base import Base
from app.db.models.clip import Clip
from app.db.models.generation import Generation
from app.db.models.generation_group import GenerationGroup
from app.db.models.idempotency_key import IdempotencyKey
from app.db.models.inbox_message import InboxMessage
from app.db.models.provider_call import ProviderCall
from app.db.models.quality_metric import QualityMetric
from app.db.models.session import Session
from app.db.models.session_event import SessionEvent
from app.db.models.status_change import StatusChange
from app.db.models.user import User

__all__ = [
    "ApiToken",
    "Asset",
    "AuthSession",
    "Base",
    "Clip",
    "Generation",
    "GenerationGroup",
    "IdempotencyKey",
    "InboxMessage",
    "ProviderCall",
    "QualityMetric",
    "Session",
    "SessionEvent",
    "StatusChange",
    "User",
]
