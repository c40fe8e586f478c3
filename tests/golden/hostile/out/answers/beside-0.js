LaionAnswers("beside-0",JSON.parse('{}'));
