-- Where, when and how the images of each name are, against all published rows: its $domains largest
-- domains, every year, and steps of punsafe (0.1) and aesthetic (0.5, from 0 to 10; beyond in the
-- last). Relations: `mentioned`, `tallied` (whose steps are half as wide: `core.tables.tallies`).
-- `dataset_images` counts all published rows of that label.
WITH name_cells AS (
    SELECT
        name, domain, url_year,
        least(floor(punsafe * 10)::INTEGER, 9) AS punsafe_step,
        CASE
            WHEN aesthetic IS NOT NULL THEN least(greatest(floor(aesthetic * 2), 0), 19)::INTEGER
        END AS aesthetic_step,
        punsafe
    FROM mentioned
),
name_counts AS (
    SELECT name, 'domain' AS measure, domain AS label, NULL::INTEGER AS step, count(*) AS images
    FROM name_cells GROUP BY name, domain
    QUALIFY row_number() OVER (PARTITION BY name ORDER BY count(*) DESC, domain) <= $domains
    UNION ALL
    SELECT name, 'year', url_year::VARCHAR, url_year, count(*)
    FROM name_cells GROUP BY name, url_year
    UNION ALL
    SELECT name, 'punsafe', NULL, CASE WHEN punsafe IS NOT NULL THEN punsafe_step END AS step, count(*)
    FROM name_cells GROUP BY name, step
    UNION ALL
    SELECT name, 'aesthetic', NULL, aesthetic_step, count(*)
    FROM name_cells GROUP BY name, aesthetic_step
),
dataset_counts AS (
    SELECT 'domain' AS measure, label, NULL::INTEGER AS step, sum(images)::BIGINT AS images
    FROM tallied
    SEMI JOIN (SELECT label FROM name_counts WHERE measure = 'domain') AS n USING (label)
    WHERE measure = 'domain'
    GROUP BY label
    UNION ALL
    SELECT 'year', step::VARCHAR, step, images FROM tallied WHERE measure = 'url_year'
    UNION ALL
    SELECT measure, NULL, step // 2, sum(images)::BIGINT
    FROM tallied
    WHERE measure IN ('punsafe', 'aesthetic')
    GROUP BY measure, step // 2
),
totals AS (
    SELECT name, count(*) AS total FROM mentioned GROUP BY name
),
-- A step of a score that the name has no image in still stands against the dataset's.
steps AS (
    SELECT name, measure, label, step
    FROM totals CROSS JOIN (SELECT * FROM dataset_counts WHERE measure IN ('punsafe', 'aesthetic'))
    UNION ALL
    SELECT name, measure, label, step FROM name_counts WHERE measure IN ('domain', 'year')
)
SELECT
    s.name,
    s.measure,
    CASE
        WHEN s.label IS NULL AND s.step IS NULL THEN 'unknown'
        WHEN s.measure = 'punsafe' THEN printf('%.1f to %.1f', s.step / 10, (s.step + 1) / 10)
        WHEN s.measure = 'aesthetic' THEN printf('%.1f to %.1f', s.step / 2, (s.step + 1) / 2)
        ELSE s.label
    END AS label,
    coalesce(n.images, 0) AS images,
    coalesce(n.images, 0) / total::DOUBLE AS share,
    d.images AS dataset_images,
    d.images / nullif($denominator, 0)::DOUBLE AS dataset_share
FROM steps AS s
JOIN totals USING (name)
LEFT JOIN name_counts AS n
    ON n.name = s.name AND n.measure = s.measure
    AND n.label IS NOT DISTINCT FROM s.label AND n.step IS NOT DISTINCT FROM s.step
JOIN dataset_counts AS d
    ON d.measure = s.measure
    AND d.label IS NOT DISTINCT FROM s.label AND d.step IS NOT DISTINCT FROM s.step
ORDER BY
    s.name, s.measure,
    CASE WHEN s.measure = 'domain' THEN -coalesce(n.images, 0) END,
    s.step NULLS LAST, s.label
