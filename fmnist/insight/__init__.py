"""Everything that looks into a trained model."""
