"""What runs once: the server around the pages, and what all visitors share."""
