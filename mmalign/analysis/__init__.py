"""What people do with an alignment: phases, deviations, retrieval, anomalies."""
