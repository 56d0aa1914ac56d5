"""Names and small means that every room uses; imports nothing of keras."""
