-- An even sample of the published captions (relation `published`): at most $sample of them, and about
-- $bytes of text. Which ones is decided before any text is held.
WITH numbered AS (
    SELECT
        source_file,
        row,
        strlen(caption) AS bytes,
        row_number() OVER (ORDER BY source_file, row) - 1 AS n,
        count(*) OVER () AS total
    FROM published
),
sampled AS (
    SELECT source_file, row, n, sum(bytes) OVER (ORDER BY n) AS text
    FROM numbered
    WHERE n % greatest(total // $sample, 1) = 0
    ORDER BY n
    LIMIT $sample
)
SELECT p.source_file, p.row, p.caption
FROM published AS p
JOIN sampled AS s ON s.source_file = p.source_file AND s.row = p.row
WHERE s.text <= $bytes
ORDER BY s.n
