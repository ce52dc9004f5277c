"""Chat models: base.py is the port, one file per wire protocol beside it."""
