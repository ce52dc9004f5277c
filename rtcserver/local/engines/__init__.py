"""One speech engine per file, each behind its port; loaded only in the child that needs it."""
