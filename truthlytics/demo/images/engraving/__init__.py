"""An engraving engine and the scenes it cuts."""
