"""Search: the index of what is public, what a query means, and the order of what it finds."""
