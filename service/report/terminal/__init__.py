"""What people see, and how they interrupt."""
