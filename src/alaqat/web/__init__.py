"""The web application (Flask) and its server (Granian)."""
