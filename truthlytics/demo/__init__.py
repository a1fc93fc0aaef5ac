"""A publication that does not exist: its texts, pictures, readers and conversations, to see the house at work."""
