"""Who acts, with which token, and the audit log."""
