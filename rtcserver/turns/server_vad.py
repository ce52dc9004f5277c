"""A turn is over after a silence of fixed length, whatever was said."""

from rtcserver.turns.turn_end import SoFar


class ServerVadEnd:
    by_hand = False

    def __init__(self, silence: int) -> None:
        """`silence` in samples."""
        self._silence = silence
        # A pause has to come before the stop, however short the silence a client asks for.
        self.soft_end = silence // 2

    def silence(self, so_far: SoFar) -> int:
        return self._silence
