"""The stages of a fit under airspeed velocity, from one commit to the next."""
