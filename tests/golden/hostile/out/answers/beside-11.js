LaionAnswers("beside-11",JSON.parse('{}'));
