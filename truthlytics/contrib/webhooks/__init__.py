"""Sends events to other programs and to chats, and shows what was sent (docs/events.md)."""
