-- The largest clusters of each kind (at most $limit), each with its best row.
WITH keyed AS (
    SELECT 'url' AS kind, md5(url) AS value, * FROM published
    UNION ALL
    SELECT 'caption', md5(caption), * FROM published
    UNION ALL
    SELECT 'image_id', image_id::VARCHAR, * FROM published
),
clusters AS (
    SELECT kind, value, count(*) AS images FROM keyed GROUP BY kind, value HAVING count(*) > 1
),
largest AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY kind ORDER BY images DESC, value) AS rank
    FROM clusters
    QUALIFY rank <= $limit
),
best AS (
    SELECT
        k.*,
        largest.rank,
        largest.images
    FROM keyed AS k
    JOIN largest USING (kind, value)
    QUALIFY row_number() OVER (
        PARTITION BY kind, value
        ORDER BY aesthetic DESC NULLS LAST, image_id, source_file, row
    ) = 1
)
SELECT
    kind, rank, images, image_id, url, caption, width, height, similarity, punsafe, aesthetic,
    domain, url_year, visibility
FROM best
ORDER BY kind, rank
