"""Small helpers that every other package uses; imports nothing else of keras."""
