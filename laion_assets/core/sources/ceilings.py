"""How much, and how slowly, other people's hosts may send before we stop listening.

Lives here: the figures. They are generous: several times what any dataset of the family needs. Not
here: holding to them (`download`).
"""

#: Bytes of a file whose host states no length; what `max_download` is when nobody says otherwise.
LARGEST_DOWNLOAD = 50 * 10**9
#: A body must bring `LEAST_BYTES` within each `WINDOW` seconds of waiting: 1,000 bytes a second.
WINDOW = 30.0
LEAST_BYTES = 30_000
#: Seconds until an answer's head is whole, connecting included.
HEAD_SECONDS = 60.0
#: Redirects that are followed for one request.
MAX_REDIRECTS = 10
#: Bytes, requests and entries of one listing; the largest of the family has some 10,000 files.
LISTING_BYTES = 100 * 10**6
LISTING_REQUESTS = 2_000
LISTING_ENTRIES = 100_000
