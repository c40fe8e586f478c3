LaionAnswers("10",JSON.parse('{}'));
