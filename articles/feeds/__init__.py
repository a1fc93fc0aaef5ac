"""RSS, Atom and JSON feeds: `channel` builds the content, `formats` serialises it."""
