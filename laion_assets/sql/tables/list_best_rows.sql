-- The best $limit rows of every group of relation `grouped`: group_name and the keys of the order.
-- Texts are read of the rows that are listed alone, from relation `whole`; `source_files` names files.
-- Best: highest aesthetic score, unknown last, then image_id, source file, row (ARCHITECTURE.md#order).
WITH bars AS (
    -- Scores so high that enough rows of the group have them; none where too few have any.
    SELECT group_name, max(aesthetic, $limit) AS highest FROM grouped GROUP BY group_name
),
best AS (
    SELECT
        group_name,
        place,
        row_number() OVER (
            PARTITION BY group_name
            ORDER BY aesthetic DESC NULLS LAST, image_id, place
        ) AS position
    FROM grouped
    JOIN bars USING (group_name)
    WHERE len(highest) < $limit OR highest IS NULL OR aesthetic >= highest[$limit]
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
JOIN whole USING (place)
JOIN source_files ON file = place >> $bits
ORDER BY group_name, position
