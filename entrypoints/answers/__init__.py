"""Answers of the API, one module a resource. A class is the JSON body and its schema in /openapi.json at once, so that
neither can say what the other does not; HTTP and the command line print the same ones."""
