-- What every row of the batch is found again by. Relations: `parsed`, `hosts`, and `odd_urls` (row,
-- url_sha256): the addresses whose canonical form is more than parse_rows.sql makes.
SELECT
    p.row,
    p.image_id,
    coalesce(p.url_sha256, o.url_sha256) AS url_sha256,
    substr(coalesce(p.url_sha256, o.url_sha256), 1, 16) AS url_key,
    h.domain
FROM parsed AS p
LEFT JOIN odd_urls AS o ON o.row = p.row
LEFT JOIN hosts AS h ON h.authority = p.authority
ORDER BY p.row
