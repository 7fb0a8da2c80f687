"""What each stage of the pipeline uses, made for it alone.

A stage runs anew when the code that it imports has changed, imports in functions among it. So each has a module here
that names no more than that stage needs, and the container of the service is not among it.
"""
