"""A process of its own, since what is settled stays so."""

import subprocess
import sys

PROGRAM = """
import gc, time
import rtcserver.server.run
from rtcserver.server import settle

def collection():
    began = time.thread_time()
    gc.collect()
    return time.thread_time() - began

collection()
before = collection()
settle.begin()
settle.settle()
assert gc.isenabled()
print(before / collection())
"""


def test_a_collection_no_longer_goes_through_what_was_there_before() -> None:
    ran = subprocess.run(
        (sys.executable, "-c", PROGRAM), capture_output=True, text=True, check=True, timeout=60
    )
    assert float(ran.stdout) > 10
