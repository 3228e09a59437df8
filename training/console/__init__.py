"""What a person at the terminal sees; locks, signals and child processes."""
