"""The evidence suite: a DVC project of its own that holds the judges against people, on files that others have published."""
