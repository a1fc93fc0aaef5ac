"""Witnesses: sites that sign that a log was only ever added to, without reading its entries. Ours is one for others, and they are for our log."""
