"""How the API document is generated from the routes."""
