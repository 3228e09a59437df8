"""What is released: manifest and signature, the log of releases, and the pointer that the service follows."""
