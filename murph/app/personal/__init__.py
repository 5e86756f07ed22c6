"""Everything that is held about one person, for that person."""
