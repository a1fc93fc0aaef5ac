"""The admin site: dashboard, command palette, inbox and statistics."""
