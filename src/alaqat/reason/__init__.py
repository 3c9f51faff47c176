"""OWL 2 RL reasoning: rules, engines, consistency and profile checks."""
