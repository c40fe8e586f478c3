-- Platforms that captions name against platforms that host: a picture on ArtStation, and a picture
-- elsewhere whose caption says "artstation". Relations: `tallied`, `platform_list`, `list_mentions`
-- (rows whose caption names a platform), `mentioning` (the published ones), `ambiguous_names` (also
-- words or somebody else's).
WITH hosted_counts AS (
    SELECT platform, sum(images)::BIGINT AS hosted
    FROM tallied
    JOIN platform_list ON measure = 'domain' AND label = domain
    GROUP BY platform
),
named AS (
    SELECT m.name AS platform, l.platform AS host
    FROM list_mentions AS m
    JOIN mentioning USING (place)
    LEFT JOIN platform_list AS l USING (domain)
),
named_counts AS (SELECT platform, count(*) AS named FROM named GROUP BY platform),
both_counts AS (
    SELECT platform, count(*) AS named_and_hosted
    FROM named
    WHERE host = platform
    GROUP BY platform
)
SELECT
    platform,
    category,
    coalesce(hosted, 0) AS hosted,
    coalesce(named, 0) AS named,
    coalesce(named_and_hosted, 0) AS named_and_hosted,
    coalesce(named, 0) - coalesce(named_and_hosted, 0) AS named_elsewhere,
    platform IN (SELECT name FROM ambiguous_names) AS ambiguous
FROM (SELECT DISTINCT platform, category FROM platform_list)
LEFT JOIN hosted_counts USING (platform)
LEFT JOIN named_counts USING (platform)
LEFT JOIN both_counts USING (platform)
-- Ambiguous names last: most captions that hold them mean no platform.
ORDER BY ambiguous, named_elsewhere DESC, hosted DESC, platform
