"""Voice activity: base.py is the port, scripted.py the fake; the model is audio/silero.py."""
