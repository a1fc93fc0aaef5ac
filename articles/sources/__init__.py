"""Sources of articles: found in the text, and their addresses checked. Pure."""
