"""`python -m rtcserver` is the same as `rtcserver`."""

from rtcserver.cli import main

main()
