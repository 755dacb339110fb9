"""How a student learns from a teacher: the objective, the training rows, one trainer a kind."""
