"""Black-box STT, LLM, TTS and VAD: a port and its adapters each. May import the pure rooms; called by session, server."""
