"""Carol's mind without a key: rules, likeness to exemplars, and words in files."""

from agent.offline.model import MODEL_NAME, OfflineModel

__all__ = ["MODEL_NAME", "OfflineModel"]
