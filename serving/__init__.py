"""From one patient to risks and their reasons: the scorer, HTTP and the page."""
