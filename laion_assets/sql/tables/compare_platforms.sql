-- Platforms that captions name against platforms that host: a picture on ArtStation, and a picture
-- elsewhere whose caption says "artstation". Relations: `published`, `platform_list`,
-- `list_mentions` (rows whose caption names a platform), `ambiguous_names` (also words or somebody else's).
WITH hosted AS (
    SELECT place, l.platform FROM published JOIN platform_list AS l USING (domain)
),
named AS (
    SELECT place, m.name AS platform
    FROM list_mentions AS m
    SEMI JOIN published USING (place)
),
hosted_counts AS (SELECT platform, count(*) AS hosted FROM hosted GROUP BY platform),
named_counts AS (SELECT platform, count(*) AS named FROM named GROUP BY platform),
both_counts AS (
    SELECT platform, count(*) AS named_and_hosted
    FROM named JOIN hosted USING (place, platform)
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
