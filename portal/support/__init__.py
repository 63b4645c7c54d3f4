"""Questions of agencies, the desk that answers them, and the people who look after agencies."""
