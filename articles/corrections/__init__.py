"""What an article says in words, and what kind of change an edit looks like."""
