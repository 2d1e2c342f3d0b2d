"""Everything between pressing Start and a finished run."""
