"""Tasks for readers who have never seen the repository or its pages."""
