"""A self-hosted real-time voice server that speaks the OpenAI Realtime API. ARCHITECTURE.md draws the rooms."""

__version__ = "0.1.0"
