"""Wires a caller can be on: base.py is the port. Imports pure rooms; called by session, server."""
