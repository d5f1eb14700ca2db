"""What was learned: postmortem, review, action items."""
