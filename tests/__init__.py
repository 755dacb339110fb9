"""The tests; a package, because ppi-python installs one of this name, which would come before a folder without this file."""
