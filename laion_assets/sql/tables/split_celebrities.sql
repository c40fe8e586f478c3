-- Celebrities by gender: among the most named, among those found, among all listed; likely images.
-- Relation: `celebrities`. Two people in one caption are two mentions.
WITH scopes AS (
    SELECT * FROM (VALUES
        (0, 'top 25', 25, 1), (1, 'top 100', 100, 1), (2, 'all found', NULL, 1), (3, 'all listed', NULL, 0)
    ) AS s (position, scope, most, least_images)
),
members AS (
    SELECT position, scope, if(gender = '', 'unknown', gender) AS gender, images_likely
    FROM scopes
    JOIN celebrities ON rank <= coalesce(most, rank) AND images_likely >= least_images
)
SELECT
    scope,
    gender,
    count(*) AS names,
    count(*) / sum(count(*)) OVER (PARTITION BY scope)::DOUBLE AS share_of_names,
    sum(images_likely)::BIGINT AS mentions_likely,
    sum(images_likely)::DOUBLE / nullif(sum(sum(images_likely)) OVER (PARTITION BY scope), 0)
        AS share_of_mentions
FROM members
GROUP BY position, scope, gender
ORDER BY position, gender = 'unknown', names DESC, gender
