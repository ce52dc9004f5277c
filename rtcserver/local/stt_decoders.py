"""Fork one decoding process per caller from a parent that has loaded the model once.

`python -m rtcserver.local.stt_decoders --fd N`: a connection to the socket is a caller. The
model is loaded before the first fork, so a caller costs 25 MiB and a few milliseconds, and one
caller's crash is nobody else's. Single-threaded, hence safe to fork.
"""

import argparse
import os
import select
import signal
import socket
import sys
import traceback

from rtcserver.local.engines.pocketsphinx import Recogniser
from rtcserver.local.stt_worker_wire import (
    RATE_HZ,
    Feed,
    Heard,
    Hello,
    Unpacker,
    orders,
    pack,
)

_BATCH_BYTES = 32_000  # 1 s of audio; after so much there is a sign of progress


def main() -> None:
    """Ends when stdin does, because the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True, help="inherited listening socket")
    listener = socket.socket(fileno=parser.parse_args().fd)
    listener.setblocking(False)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
    recogniser = Recogniser(RATE_HZ)
    stdin = sys.stdin.fileno()
    while stdin not in (ready := select.select([listener, stdin], [], [])[0]):
        if ready:
            _fork(listener, recogniser)


def _fork(listener: socket.socket, recogniser: Recogniser) -> None:
    try:
        connection, _ = listener.accept()
    except (BlockingIOError, ConnectionError):
        return  # it left before we came
    with connection:
        if os.fork():
            return
        listener.close()
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            decode(connection, recogniser)
        except ConnectionError:
            pass  # the caller's side is gone, and so are we
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(0)  # not back into the parent's loop


def decode(connection: socket.socket, recogniser: Recogniser) -> None:
    """Follow orders until the connection ends. Audio that piled up meanwhile is taken in at
    once and reported once, so that a slow decoder catches up."""
    unpacker, taken = Unpacker(), 0
    connection.sendall(pack(Hello(os.getpid())))
    while data := connection.recv(_BATCH_BYTES):
        fed = False
        for body in unpacker.push(data):
            order = orders.decode(body)
            if isinstance(order, Feed):
                recogniser.feed(order.pcm, order.start_s)
                taken, fed = taken + len(order.pcm), True
            else:
                connection.sendall(pack(Heard(recogniser.end(), taken, order.number)))
                fed = False
        if fed:
            connection.sendall(pack(Heard(recogniser.words(), taken)))


if __name__ == "__main__":
    main()
