"""The small judges: how each kind judges, is saved and is loaded."""
