"""The response cache in front of Flask, with its metrics and background work."""
