"""The benchmark of the service. Nothing here is part of the service itself."""
