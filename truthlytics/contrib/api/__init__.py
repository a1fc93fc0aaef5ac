"""The read API at /api/v1/: what visitors read, and with a key what it allows (docs/api.md)."""
