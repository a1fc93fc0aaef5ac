"""Everything that cannot be made again, in one folder: the database, originals and renditions, and what is what."""
