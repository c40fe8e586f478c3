-- What punsafe says of all kept rows, withheld ones included, from their tallies (relation `tallied`).
-- Never any text.
WITH buckets AS (
    SELECT step AS bucket, images FROM tallied WHERE measure = 'kept_punsafe'
),
histogram AS (
    SELECT
        'punsafe' AS measure,
        n AS position,
        printf('%.2f to %.2f', n / 20, (n + 1) / 20) AS label,
        n / 20 AS low,
        (n + 1) / 20 AS high,
        coalesce(images, 0) AS images
    FROM range(20) AS r (n)
    LEFT JOIN buckets ON bucket = n
    UNION ALL
    SELECT 'punsafe', 20, 'unknown', NULL, NULL, 
        coalesce((SELECT images FROM buckets WHERE bucket IS NULL), 0)
),
visibility AS (
    SELECT 'visibility', position, label, NULL, NULL,
        (
            SELECT coalesce(sum(images), 0)
            FROM tallied WHERE measure = 'kept_visibility' AND tallied.label = v.label
        )
    FROM (VALUES (0, 'shown'), (1, 'blurred'), (2, 'no_image'), (3, 'withheld')) AS v (position, label)
),
threshold AS (
    SELECT 'threshold', position, label, low, 1.0,
        (
            SELECT coalesce(sum(images), 0)
            FROM tallied WHERE measure = 'kept_threshold' AND step > position
        )
    FROM (VALUES
        (0, '>= 0.5', 0.5), (1, '>= 0.9', 0.9), (2, '>= 0.99', 0.99),
        (3, '>= 0.9999', 0.9999), (4, '= 1', 1.0)
    ) AS t (position, label, low)
),
-- How many of the highest scores are one picture? Sizes of the clusters of identical captions.
clusters AS (
    SELECT images, row_number() OVER (ORDER BY images DESC, label) AS n
    FROM tallied
    WHERE measure = 'kept_scored_high'
    QUALIFY n <= 50
)
SELECT
    measure,
    label,
    low::DOUBLE AS low,
    high::DOUBLE AS high,
    images::BIGINT AS images,
    images / nullif($denominator, 0)::DOUBLE AS share,
    $denominator::BIGINT AS denominator
FROM (
    SELECT 0 AS part, * FROM histogram
    UNION ALL SELECT 1, * FROM visibility
    UNION ALL SELECT 2, * FROM threshold
    UNION ALL SELECT 3, 'top_cluster', n, n::VARCHAR, NULL, NULL, images FROM clusters
)
ORDER BY part, position
