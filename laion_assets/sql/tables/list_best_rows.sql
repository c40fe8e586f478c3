-- The best $limit rows of every group. Relation `grouped`: group_name and the columns of images.
-- Best: highest aesthetic score, unknown last, then image_id, source file, row (ARCHITECTURE.md#order).
SELECT
    group_name,
    position,
    image_id,
    url,
    caption,
    width,
    height,
    similarity,
    punsafe,
    pwatermark,
    aesthetic,
    host,
    domain,
    url_year,
    visibility,
    source_file,
    row
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY group_name
            ORDER BY aesthetic DESC NULLS LAST, image_id, source_file, row
        ) AS position
    FROM grouped
)
WHERE position <= $limit
ORDER BY group_name, position
