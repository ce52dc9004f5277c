"""One file per thing a client can ask for. Each is a function that adds its routes to an app."""
