"""Who is here: people, teams, tokens, and who may see a private thing."""
