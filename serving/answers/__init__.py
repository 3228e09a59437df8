"""From checked patients to answers: risks, reasons, warnings, and the card of the model."""
