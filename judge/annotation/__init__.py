"""How people are asked: the page on which they label, the queues, and the files that other tools take and give."""
