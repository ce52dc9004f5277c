"""Spare the collector of garbage what stays for as long as the server runs.

A full collection goes through every object there is: the 100 000 of the packages alone would hold
the loop for 25 to 45 ms. https://docs.python.org/3/library/gc.html#gc.freeze
"""

import gc


def begin() -> None:
    """Nothing is collected while the server starts."""
    gc.disable()


def settle() -> None:
    """All is there and nobody calls yet: from now on only what comes is looked at."""
    gc.freeze()
    gc.enable()
