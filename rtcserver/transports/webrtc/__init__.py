"""A caller in a browser: peer.py answers offers; only aiortc_private.py knows aiortc's insides."""
