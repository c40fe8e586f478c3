LaionAnswers("beside-1",JSON.parse('{}'));
