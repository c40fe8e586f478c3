-- The published rows in rank order, in the columns of the table `images` of the database that
-- Datasette serves. `ranked` says a row's rank, `domain_ids` a domain's number, `source_files` which
-- file is meant by what of a place is above $bits.
SELECT
    rank,
    image_id::VARCHAR AS image_id,
    url,
    caption,
    width,
    height,
    similarity,
    punsafe,
    pwatermark,
    aesthetic,
    host,
    domain_id,
    url_year,
    visibility,
    source_file,
    row
FROM published
JOIN ranked USING (place)
JOIN domain_ids USING (domain)
JOIN source_files ON file = place >> $bits
ORDER BY rank
