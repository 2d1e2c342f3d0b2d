"""What the Weights page is made of."""
