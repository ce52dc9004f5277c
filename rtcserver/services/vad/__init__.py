"""Voice activity: base.py is the port, silero.py the model, scripted.py the fake."""
