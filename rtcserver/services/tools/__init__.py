"""Tools that the server runs for the model: base.py is the port, each other file one kind."""
