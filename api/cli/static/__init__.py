"""A release as files, with what nginx has to be told to serve them as the service would."""
