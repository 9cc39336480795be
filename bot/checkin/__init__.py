"""HOW IT GOES: rounds of short, two-sided check-ins."""
