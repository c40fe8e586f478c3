-- Which of some names (relation `named`: number, kind, digits, said, mark) concern a row of one file
-- (relation `keys`), whether it was taken out (and is known by marks) or not.
SELECT n.number
FROM named AS n
SEMI JOIN keys AS k ON k.url_key = n.digits
WHERE n.kind = 'url'
UNION
SELECT n.number
FROM named AS n
SEMI JOIN keys AS k ON k.url_mark = n.mark
WHERE n.kind = 'url'
UNION
SELECT n.number
FROM named AS n
SEMI JOIN keys AS k ON k.domain = n.said
WHERE n.kind = 'domain'
UNION
SELECT n.number
FROM named AS n
SEMI JOIN keys AS k ON k.domain_mark = n.mark
WHERE n.kind = 'domain'
UNION
SELECT n.number
FROM named AS n
SEMI JOIN keys AS k ON k.image_id = TRY_CAST(n.said AS BIGINT)
WHERE n.kind = 'id'
