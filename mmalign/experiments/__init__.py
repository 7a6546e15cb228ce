"""What only reproduces figures: clips with known truth, errors, embeddings of a data set."""
