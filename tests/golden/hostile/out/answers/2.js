LaionAnswers("2",JSON.parse('{}'));
