"""Who may ask: API keys, tokens of a site's issuer, a trusted proxy's sign-on; how often, and for what."""
