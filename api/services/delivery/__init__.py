"""What the public reads: editions of one release, found, filled in with what others know, and linked."""
