"""Wires a caller can be on: base.py is the port. May import the pure rooms; called by session, server."""
