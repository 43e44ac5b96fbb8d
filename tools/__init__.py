"""Tools for the people who maintain the content. The service does not need them."""
