"""What people do with lists: take one out as a file, and keep views of one."""
