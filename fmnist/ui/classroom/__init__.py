"""What the page Class is made of."""
