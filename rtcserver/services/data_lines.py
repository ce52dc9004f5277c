"""Cut server-sent events into the payloads of their data lines. Pure."""

_LONGEST_LINE = 2**20


class DataLines:
    """Comments, pings and event names are passed over; each data line counts by itself, since
    chat completions put one JSON object on a line."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, chunk: bytes) -> list[bytes]:
        """Payloads of the lines that this chunk completes. Raises ValueError for endless ones."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            raise ValueError(f"a line of more than {_LONGEST_LINE} bytes")
        return [payload for line in lines if (payload := _payload(line))]


def _payload(line: bytes) -> bytes:
    return line[5:].strip() if line.startswith(b"data:") else b""
