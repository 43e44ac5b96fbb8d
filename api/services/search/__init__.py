"""Search: the index of current editions, search plans, and the order of matches."""
