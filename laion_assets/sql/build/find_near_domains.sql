-- Domains near those that have no row (relation `missed`: said, domain), up to five for each: those of
-- the same name under another suffix, and those with a letter or two that are other, missing or swapped.
WITH domains AS (
    SELECT domain, count(*) AS rows
    FROM images
    GROUP BY domain
)
SELECT m.said, 'the domain ' || d.domain AS near, d.rows
FROM missed AS m
ANTI JOIN domains AS same ON same.domain = m.domain
JOIN domains AS d
    ON split_part(d.domain, '.', 1) = split_part(m.domain, '.', 1)
    OR (
        abs(length(d.domain) - length(m.domain)) <= 2
        AND damerau_levenshtein(d.domain, m.domain) <= least(2, length(m.domain) // 4)
    )
QUALIFY row_number() OVER (
    PARTITION BY m.said ORDER BY damerau_levenshtein(d.domain, m.domain), d.rows DESC, d.domain
) <= 5
ORDER BY m.said, damerau_levenshtein(d.domain, m.domain), d.rows DESC, d.domain
