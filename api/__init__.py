"""A content API in which Welsh and English are equals."""
