"""Read an answer that may be endless."""

import aiohttp


async def read_at_most(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The beginning of the body, or all of it. Raises aiohttp.ClientError and OSError."""
    body = bytearray()
    while chunk := await answer.content.read(most_bytes - len(body)):
        body += chunk
    return bytes(body)
