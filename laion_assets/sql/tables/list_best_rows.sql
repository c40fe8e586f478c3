-- The best $limit rows of every group, from relation `grouped`: group_name, aesthetic, image_id,
-- source_file, row. Texts are read of the rows that are listed alone, from `published`.
-- Best: highest aesthetic score, unknown last, then image_id, source file, row (ARCHITECTURE.md#order).
WITH best AS (
    SELECT
        group_name,
        source_file,
        row,
        row_number() OVER (
            PARTITION BY group_name
            ORDER BY aesthetic DESC NULLS LAST, image_id, source_file, row
        ) AS position
    FROM grouped
    QUALIFY position <= $limit
)
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
FROM best
JOIN published USING (source_file, row)
ORDER BY group_name, position
