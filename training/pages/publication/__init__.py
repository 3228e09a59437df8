"""Tables, figures and a model card for a manuscript."""
