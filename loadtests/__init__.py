"""Bots that call a server, measure it from the caller's side, and hold it to its budgets."""
