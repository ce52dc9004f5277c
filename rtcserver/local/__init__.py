"""Programs of their own: speech engines and the demo agent behind the real services' wires.

They import the pure rooms and the cellar. Nothing imports them, except that server/ starts them
through supervisor.py.
"""
