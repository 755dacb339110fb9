"""Statements whose truth is known by construction, and the reading of English (names, numbers, word overlap) that they are made with."""
