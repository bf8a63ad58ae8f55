"""What people of the demo company do, through the API."""
