"""From a request over HTTP to a response, and everything that protects the service in between."""
