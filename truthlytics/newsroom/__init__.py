"""What a member of the newsroom meets first: what waits for them, yesterday in numbers, and a way to everything."""
