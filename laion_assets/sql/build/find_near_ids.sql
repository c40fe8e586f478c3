-- Ids that are those which concern no row (relation `missed`: said) once rounded to 53 bits, up to five.
SELECT m.said, 'the id ' || i.image_id AS near, count(*) AS rows
FROM images AS i
JOIN missed AS m ON i.image_id::DOUBLE = TRY_CAST(m.said AS DOUBLE)
GROUP BY m.said, i.image_id
QUALIFY row_number() OVER (PARTITION BY m.said ORDER BY i.image_id) <= 5
ORDER BY m.said, i.image_id
