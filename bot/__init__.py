"""cohort-bot: a mentorship programme for an internship cohort, inside Slack."""
