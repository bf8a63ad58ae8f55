"""What became true, and what it caused."""
