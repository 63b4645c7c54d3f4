"""City salons: programme, registration, waiting list, check-in, calendar file."""
