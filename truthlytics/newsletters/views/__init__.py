"""Pages of newsletters for readers."""
