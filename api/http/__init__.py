"""What all routes and pages share: the request's context, language, authentication, responses and errors."""
