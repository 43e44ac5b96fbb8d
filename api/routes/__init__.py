"""The HTTP routes of the API: paths, methods and their documentation. The rules are in the services."""
