"""Black-box STT, LLM, TTS and VAD: a port and its adapters each. Called by session, server."""
