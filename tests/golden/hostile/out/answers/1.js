LaionAnswers("1",JSON.parse('{}'));
