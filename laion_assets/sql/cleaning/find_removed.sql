-- Which entries of a removal list (relation `listed`: kind, mark) concern which rows of one file
-- (relation `keys`), one row for each. `mark` is the macro of a keyed hash (core/cleaning/removal.py);
-- a row that was taken out is known by the marks it keeps. A mark has 64 digits, more than a label of
-- a host may have, so that it cannot be taken for a domain.
WITH urls AS (
    SELECT row, removed, coalesce(url_mark, mark('url', url_key)) AS mark
    FROM keys
    UNION ALL
    -- What an older list calls it.
    SELECT row, removed, coalesce(first_url_mark, mark('url', first_url_key)) AS mark
    FROM keys
    WHERE first_url_mark IS NOT NULL OR first_url_key IS NOT NULL
),
domains AS (
    SELECT DISTINCT
        coalesce(domain_mark, domain) AS known_as,
        coalesce(domain_mark, mark('domain', substr(sha256(domain), 1, 16))) AS mark
    FROM keys
    WHERE known_as IS NOT NULL
)
SELECT l.kind, l.mark, u.row, u.removed
FROM urls AS u
JOIN listed AS l ON l.kind = 'url' AND u.mark = l.mark
UNION ALL
SELECT l.kind, l.mark, k.row, k.removed
FROM domains AS d
JOIN listed AS l ON l.kind = 'domain' AND d.mark = l.mark
JOIN keys AS k ON coalesce(k.domain_mark, k.domain) = d.known_as
UNION ALL
SELECT l.kind, l.mark, k.row, k.removed
FROM keys AS k
JOIN listed AS l ON l.kind = 'id' AND mark('id', substr(sha256(k.image_id::VARCHAR), 1, 16)) = l.mark
