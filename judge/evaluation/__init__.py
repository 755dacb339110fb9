"""Figures with their intervals: agreement, bootstrap, and the tables behind the pictures."""
