"""What fields of forms offer for what was typed so far, whatever the form is about."""
