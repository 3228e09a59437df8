"""What a fitted model is: its arithmetic, its files, and what is known of its worth."""
