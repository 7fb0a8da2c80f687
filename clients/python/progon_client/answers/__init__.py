"""Answers of the service, as it describes them in /openapi.json; fields that an older service leaves out are None.

A newer service may say more: what is not known here is passed over.
"""
