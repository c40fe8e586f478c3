-- What every row of the batch is found again by. Relations: `parsed`, `hosts`, and `odd_urls` (row,
-- digits, first_digits, domain): the addresses whose canonical form is more than parse_rows.sql makes, whose
-- host is none that a kept row may have, or that stand in a damaged line. The first form of a plain address
-- was this one.
SELECT
    p.row,
    p.image_id,
    coalesce(substr(p.url_sha256, 1, 16), o.digits) AS url_key,
    nullif(o.first_digits, url_key) AS first_url_key,
    coalesce(h.domain, o.domain) AS domain,
    FALSE AS removed,
    NULL::VARCHAR AS url_mark,
    NULL::VARCHAR AS first_url_mark,
    NULL::VARCHAR AS domain_mark
FROM parsed AS p
LEFT JOIN odd_urls AS o ON o.row = p.row
LEFT JOIN hosts AS h ON h.authority = p.authority
ORDER BY p.row
