"""WHO AND WHEN: workspaces, people, cohorts and their calendar."""
