"""What is recorded of a run, as plain data, and the outbox for what could not be sent."""
