"""Answers of the service, as it describes them in /openapi.json; fields that are not always there are None.

A newer service may say more: what is not known here is passed over. An older one than this client may say too little.
"""
