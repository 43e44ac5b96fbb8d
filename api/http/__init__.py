"""Modules shared by all routes and pages: the request's context, language, authentication, responses and errors."""
