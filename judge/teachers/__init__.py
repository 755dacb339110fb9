"""The strong judges that are distilled, one module a kind."""
