LaionAnswers("0",JSON.parse('{"georgia o keeffe":[["artist","Georgia O’Keeffe",8,null,3,8,1,"artists/georgia-o-keeffe.html"]]}'));
