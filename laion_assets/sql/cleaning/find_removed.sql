-- Which entries of a removal list (relation `listed`: kind, mark) concern which rows of one file
-- (relation `keys`), one row for each. `mark` is the macro of a keyed hash (core/cleaning/removal.py);
-- a row that was taken out is known by the marks it keeps. A mark has 64 digits, more than a label of
-- a host may have, so that it cannot be taken for a domain.
WITH domains AS (
    SELECT DISTINCT
        coalesce(domain_mark, domain) AS known_as,
        coalesce(domain_mark, mark('domain', substr(sha256(domain), 1, 16))) AS mark
    FROM keys
    WHERE known_as IS NOT NULL
)
SELECT l.kind, l.mark, k.row, k.removed
FROM keys AS k
JOIN listed AS l ON l.kind = 'url' AND coalesce(k.url_mark, mark('url', k.url_key)) = l.mark
UNION ALL
SELECT l.kind, l.mark, k.row, k.removed
FROM domains AS d
JOIN listed AS l ON l.kind = 'domain' AND d.mark = l.mark
JOIN keys AS k ON coalesce(k.domain_mark, k.domain) = d.known_as
UNION ALL
SELECT l.kind, l.mark, k.row, k.removed
FROM keys AS k
JOIN listed AS l ON l.kind = 'id' AND mark('id', substr(sha256(k.image_id::VARCHAR), 1, 16)) = l.mark
