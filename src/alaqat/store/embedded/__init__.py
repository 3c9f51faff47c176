"""The default store: Oxigraph in this process, in memory or in a folder."""

from alaqat.store.embedded.engine import EmbeddedStore, create_store

__all__ = ["EmbeddedStore", "create_store"]
