"""What people say of answers: their labels, and the chance that an answer had to be shown to them."""
