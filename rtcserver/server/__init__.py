"""The HTTP door: app, routes, auth, wiring. Knows every room; called by the command line."""
