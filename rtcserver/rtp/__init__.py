"""Packets and offers: what is read before any media flows. Pure; imports `errors` only."""
