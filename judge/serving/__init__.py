"""The student at work: `judge.load`, wherever the student lies, and `judge score`, for files of rows."""
