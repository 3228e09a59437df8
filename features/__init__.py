"""What one infusion is, and what is computed from it."""
