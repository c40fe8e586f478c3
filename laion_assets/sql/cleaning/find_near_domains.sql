-- Domains near those that concern no row (relation `missed`: said), up to five for each: those of the
-- same name under another suffix, and those with a letter or two that are other, missing or swapped.
WITH domains AS (
    SELECT domain, count(*) AS rows
    FROM images
    GROUP BY domain
)
SELECT m.said, 'the domain ' || d.domain AS near, d.rows
FROM domains AS d
JOIN missed AS m
    ON split_part(d.domain, '.', 1) = split_part(m.said, '.', 1)
    OR (
        abs(length(d.domain) - length(m.said)) <= 2
        AND damerau_levenshtein(d.domain, m.said) <= least(2, length(m.said) // 4)
    )
QUALIFY row_number() OVER (
    PARTITION BY m.said ORDER BY damerau_levenshtein(d.domain, m.said), d.rows DESC, d.domain
) <= 5
ORDER BY m.said, damerau_levenshtein(d.domain, m.said), d.rows DESC, d.domain
