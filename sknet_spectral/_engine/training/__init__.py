"""The training of a network: inputs and first weights, the loop, and the last layer."""
