"""Everything between pixels and an answer."""
