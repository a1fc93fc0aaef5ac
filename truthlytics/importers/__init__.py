"""Bringing text in from elsewhere: one pure reader per format, the same records, one writer (docs/importing.md)."""
