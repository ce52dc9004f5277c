"""One file per thing a client can ask for. Each has its table of routes; app.py adds them."""
