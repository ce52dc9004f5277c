"""One file per family of events, named as the contract names it."""
