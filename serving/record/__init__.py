"""What was answered, to whom, by which model, and what happened later: a record that shows changes."""
