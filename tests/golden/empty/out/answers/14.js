LaionAnswers("14",JSON.parse('{"erin hanson":[["artist","Erin Hanson",0,null,null,0,0,"artists/erin-hanson.html"]]}'));
