"""The student inside the evaluation tools of others: a module for each, which imports that tool; an extra of its name installs it."""
