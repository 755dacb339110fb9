"""The student inside the evaluation tools of others: a module for each, which imports that tool and is installed by the extra of its name."""
