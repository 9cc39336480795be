"""WHO NEEDS CARE: signals about pairs, and the coordinators' steps."""
