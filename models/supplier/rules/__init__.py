"""What the list of approved suppliers says of a receipt, and how points are lost in the score of a supplier."""
