"""What a model's life is made of: values, entities and rules, with no input or output of their own."""
