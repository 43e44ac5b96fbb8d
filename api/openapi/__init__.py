"""The API document, generated from the routes."""
