"""Witnesses: sites that sign that a log was only ever added to. Ours is one for others, and they are for our log."""
