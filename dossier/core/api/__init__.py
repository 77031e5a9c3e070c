"""The API for programs (SYS-3): bearer tokens, problems, pages by key, answers given once.

A department declares its part in its room ``api.py``, which is found like the other rooms:

* `records.Record`: what an object shows, from its field list; list and single reads follow from it.
* `inputs`: what may be sent, from the same field list.
* `routes.Routes`: an object type with its operations; each names the right it needs.

Operations call the services and selectors of the pages, so refusals are the same.
"""
