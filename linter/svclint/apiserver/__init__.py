"""What the API server would say to each object; see `admit`."""
