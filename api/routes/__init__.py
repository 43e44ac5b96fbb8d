"""The HTTP doors: a path, a method, a contract, and no rule."""
