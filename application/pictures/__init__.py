"""Pictures, videos and masks as rows on their way to a model, and as files that are kept."""
