"""The labels: rules that learn them from the embedding, and what they say."""
