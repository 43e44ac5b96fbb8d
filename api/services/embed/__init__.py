"""Embeds: their content and URLs as plain data, read through the delivery services. ``api/pages`` renders them."""
