"""What the pages know of the API's answers: the JSON of each, as far as a page looks at it. A time is text in ISO 8601,
a share is from 0 to 1."""
