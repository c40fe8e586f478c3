LaionAnswers("8",JSON.parse('{}'));
